import type { Pod } from '../../machinery/api/core-v1.js';
import type { Draft } from '../../machinery/object.js';
import { deepClone } from '../../machinery/structure.js';

/** Restores the status and the metadata that a subresource of a pod's spec may not change. */
export function keepAllButSpec(draft: Draft<Pod>, old: Pod): void {
  if (old.status === undefined) delete draft.status;
  else draft.status = deepClone(old.status) as Draft<NonNullable<Pod['status']>>;
  const { labels, finalizers, ownerReferences } = old.metadata;
  draft.metadata = { ...draft.metadata };
  if (labels === undefined) delete draft.metadata.labels;
  else draft.metadata.labels = { ...labels };
  if (finalizers === undefined) delete draft.metadata.finalizers;
  else draft.metadata.finalizers = [...finalizers];
  if (ownerReferences === undefined) delete draft.metadata.ownerReferences;
  else draft.metadata.ownerReferences = [...ownerReferences];
}
