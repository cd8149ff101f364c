import { randomUUID } from 'node:crypto';

export const AUDIT_ID_HEADER = 'audit-id';

/** By which a request is known in audit logs: the client's own, taken as it is, or one made for it. */
export const auditIdOf = (given: string | readonly string[] | undefined): string =>
  typeof given === 'string' && given !== '' ? given : randomUUID();
