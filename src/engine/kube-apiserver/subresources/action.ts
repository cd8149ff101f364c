import type { Kind } from '../../machinery/kind.js';
import type { Status } from '../../machinery/status-error.js';
import type { ServerParts } from '../server-parts.js';
import type { Settle } from '../writes/settled.js';
import type { WriteScope } from '../writes/write-scope.js';
import type { ExpectedBody } from '../decode-body.js';

export interface ActionCall {
  /** `subresource` names the action. */
  readonly scope: WriteScope;
  /** Of the object: `namespace/name`, or the bare name. */
  readonly key: string;
  /** Decoded by the action's schema; private. */
  readonly body: object;
}

export interface ActionDone {
  /** A Status, or an object of the action's own kind. */
  readonly body: Status | object;
  readonly status: number;
  readonly revision: number;
}

/** A POST to a subresource that does something: a binding, an eviction. */
export interface SubresourceAction {
  /** Such as `pods/binding`. */
  readonly resource: string;
  expects(kind: Kind): ExpectedBody;
  /** @throws StatusError */
  run(parts: ServerParts, call: ActionCall, settle: Settle<ActionDone>): void;
}

export const defineAction = (action: SubresourceAction): SubresourceAction => Object.freeze(action);

/** What an action without an object of its own answers with. */
export const DONE: Status = Object.freeze({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  code: 201,
});
