import type { Kind } from '../../machinery/kind.js';
import type { Status } from '../../machinery/status-error.js';
import type { AdmissionAttributes } from '../admission/admission.js';
import type { ServerParts } from '../server-parts.js';
import type { Settle } from '../writes/settled.js';
import type { WriteScope } from '../writes/write-scope.js';

export interface ActionCall {
  /** `subresource` names the action; the old way of binding has none. */
  readonly scope: WriteScope;
  /** Of the object: `namespace/name`, or the bare name. */
  readonly key: string;
  /** Decoded by the action's schema; private. Mutating plugins have seen it. */
  readonly body: object;
  /** What validating plugins are to be told once the action has checked the body itself. */
  readonly attributes: AdmissionAttributes;
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
  /** What is posted. */
  readonly posts: Kind;
  /** Versions of its group that read the same and are taken, too. */
  readonly otherVersions?: readonly string[];
  /** Whether the client says of which object, by uid and version, it speaks: else what it says of them is dropped. */
  readonly keepsIdentity?: true;
  /** Whether components, too, want to see what it answers with, and not the object that it was about. */
  readonly isAsked?: true;
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
