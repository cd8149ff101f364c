import type { Kind } from '../../machinery/kind.js';
import { apiVersionOf, type KubeObject } from '../../machinery/object.js';
import { tooManyRequests, unknownError } from '../../machinery/status-error.js';

const RETRY_SECONDS = 1;

/** An object that was stored in a version which its definition has no more stays in that version: nobody can read it. */
const isReadable = (kind: Kind, object: KubeObject): boolean =>
  kind.custom === undefined || object.apiVersion === apiVersionOf(kind);

/** @throws StatusError 500, as upstream does it */
export function checkReadable(kind: Kind, object: KubeObject | undefined): void {
  if (object === undefined || isReadable(kind, object)) return;
  throw unknownError(`request to convert CR from an invalid group/version: ${object.apiVersion}`);
}

/** One is enough to keep upstream's cache of the kind from ever getting ready. @throws StatusError 429 */
export function checkAllReadable(kind: Kind, entries: readonly { readonly object: KubeObject }[]): void {
  if (kind.custom === undefined || entries.every(({ object }) => isReadable(kind, object))) return;
  throw tooManyRequests('', RETRY_SECONDS);
}
