import { type Instant, timestamp } from '../../kernel/clock.js';
import type { Namespace } from '../../machinery/api/core-v1.js';
import type { KubeObject } from '../../machinery/object.js';

export type NamespaceStep =
  /** Its phase becomes Terminating; the namespace controller empties it. */
  | { readonly type: 'mark'; readonly object: Namespace }
  /** It is being emptied. */
  | { readonly type: 'pending' }
  /** Nothing of upstream's own holds it: it goes as any other object. */
  | { readonly type: 'ordinary' };

/** Mirrors the namespace registry's own Delete. */
export function namespaceDeletion(object: KubeObject, now: Instant): NamespaceStep {
  const namespace = object as Namespace;
  const { metadata, spec, status } = namespace;
  if (metadata.deletionTimestamp !== undefined) {
    return { type: (spec?.finalizers?.length ?? 0) > 0 ? 'pending' : 'ordinary' };
  }
  return {
    type: 'mark',
    object: {
      ...namespace,
      metadata: { ...metadata, deletionTimestamp: timestamp(now) },
      status: { ...status, phase: 'Terminating' },
    },
  };
}
