import type { Instant } from '../../kernel/clock.js';
import type { AuditEvent } from './audit-event.js';
import type { AuditLevel, AuditStage } from './audit-policy.js';

/** Which events are wanted: all that everything in it holds for. */
export interface AuditEventFilter {
  /** Who sent the request, or was it sent as. */
  readonly user?: string | undefined;
  readonly verb?: string | undefined;
  readonly group?: string | undefined;
  /** The plural; its subresources are among it. */
  readonly resource?: string | undefined;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly level?: AuditLevel | undefined;
  readonly stage?: AuditStage | undefined;
  /** Of the answer. */
  readonly code?: number | undefined;
  readonly auditID?: string | undefined;
  /** Bounds of the stage's instant in the cluster's time: the first is within, the second is not. */
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
}

export function isWanted(event: AuditEvent, filter: AuditEventFilter): boolean {
  const { user, verb, level, stage, code, auditID, since, until } = filter;
  if (verb !== undefined && verb !== event.verb) return false;
  if (user !== undefined && user !== event.user?.username && user !== event.impersonatedUser?.username) return false;
  if (level !== undefined && level !== event.level) return false;
  if (stage !== undefined && stage !== event.stage) return false;
  if (code !== undefined && code !== event.responseStatus?.code) return false;
  if (auditID !== undefined && auditID !== event.auditID) return false;
  if (since !== undefined && event.stageTimestamp < since) return false;
  if (until !== undefined && event.stageTimestamp >= until) return false;
  return isAbout(event, filter);
}

function isAbout({ objectRef }: AuditEvent, filter: AuditEventFilter): boolean {
  const { group, resource, subresource, namespace, name } = filter;
  if (group !== undefined && group !== objectRef?.apiGroup) return false;
  if (resource !== undefined && resource !== objectRef?.resource) return false;
  if (subresource !== undefined && subresource !== objectRef?.subresource) return false;
  if (namespace !== undefined && namespace !== objectRef?.namespace) return false;
  return name === undefined || name === objectRef?.name;
}
