import type { UserInfo } from '../machinery/user.js';
import type { AuditRecord } from './audit/audit-record.js';
import type { Turn } from './flow-control/turn.js';
import type { Query } from './query.js';
import type { RequestTarget, ResourceTarget } from './routing.js';
import type { WireRequest } from './wire.js';

/** One request on its way through the server. */
export interface RequestContext<Target extends RequestTarget = RequestTarget> {
  readonly request: WireRequest;
  readonly query: Query;
  readonly target: Target;
  readonly user: UserInfo;
  /** Texts of `Warning:` headers, in order; handlers add to it before they answer. */
  readonly warnings: string[];
  /** Its way through flow control; `undefined` for what runs long and is not controlled. */
  readonly turn?: Turn | undefined;
  /** Present where the audit log is to be told of it. */
  readonly audit?: AuditRecord | undefined;
}

export type ResourceRequest = RequestContext<ResourceTarget>;
