import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { ReconcileContext } from '../controller.js';
import { failingUnlessGone } from '../owned-pods.js';

/** A finalizer that keeps what is in use, and what "in use" means. */
export interface Protection<T extends KubeObject> {
  readonly kind: Kind<T>;
  readonly finalizer: string;
  isUsed(object: T): boolean;
}

const isDeletionCandidate = ({ metadata }: KubeObject, finalizer: string): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(finalizer) === true;

/** Admission adds the finalizer; what was made without it, or lost it, gets it here. */
const lacksFinalizer = ({ metadata }: KubeObject, finalizer: string): boolean =>
  metadata.deletionTimestamp === undefined && metadata.finalizers?.includes(finalizer) !== true;

/** Whether an object needs a look. Mirrors upstream's `protectionutil`. */
export const needsProtecting = (object: KubeObject, finalizer: string): boolean =>
  isDeletionCandidate(object, finalizer) || lacksFinalizer(object, finalizer);

/** Lets a deleted object go once nothing uses it. */
export function protect<T extends KubeObject, State>(
  context: ReconcileContext<State>,
  object: T | undefined,
  { kind, finalizer, isUsed }: Protection<T>,
): void {
  if (object === undefined) return;
  const { metadata } = object;
  const { finalizers = [] } = metadata;
  const done = failingUnlessGone(context);
  if (isDeletionCandidate(object, finalizer)) {
    if (isUsed(object)) return;
    const rest = finalizers.filter((each) => each !== finalizer);
    context.client.update(kind, { ...object, metadata: { ...metadata, finalizers: rest } }, done);
  } else if (lacksFinalizer(object, finalizer)) {
    context.client.update(kind, { ...object, metadata: { ...metadata, finalizers: [...finalizers, finalizer] } }, done);
  }
}
