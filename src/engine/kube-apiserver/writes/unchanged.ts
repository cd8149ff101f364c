import type { ManagedFieldsEntry, ObjectMeta } from '../../machinery/api/meta-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import type { KubeObject } from '../../machinery/object.js';

/** Whether a write changes nothing but the time at which somebody owned the same fields. */
export function isUnchanged(object: KubeObject, old: KubeObject): boolean {
  const { metadata, ...content } = object;
  const { metadata: kept, ...former } = old;
  const { managedFields: managers, ...own } = metadata;
  const { managedFields: formerManagers, ...formerOwn } = kept;
  if (!deepEqual(own, formerOwn) || !deepEqual(content, former)) return false;
  return deepEqual(managers, formerManagers) || deepEqual(timeless(managers), timeless(formerManagers));
}

const timeless = (entries: ObjectMeta['managedFields']): readonly ManagedFieldsEntry[] | undefined =>
  entries?.map(({ time: _time, ...entry }) => entry);
