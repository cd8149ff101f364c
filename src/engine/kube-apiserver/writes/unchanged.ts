import type { ManagedFieldsEntry, ObjectMeta } from '../../machinery/api/meta-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import type { KubeObject } from '../../machinery/object.js';

type Fields = Readonly<Record<string, unknown>>;

/** Whether a write changes nothing but the time at which somebody owned the same fields. */
export function isUnchanged(object: KubeObject, old: KubeObject): boolean {
  const [managers, former] = [object.metadata.managedFields, old.metadata.managedFields];
  return (
    isSameBut('metadata', object, old) &&
    isSameBut('managedFields', object.metadata, old.metadata) &&
    (managers === former || deepEqual(timeless(managers), timeless(former)))
  );
}

/** Compares every field but one. */
function isSameBut(name: string, object: object, old: object): boolean {
  const [fields, former] = [object as Fields, old as Fields];
  for (const key in fields) if (key !== name && !deepEqual(fields[key], former[key])) return false;
  for (const key in former) if (key !== name && former[key] !== undefined && fields[key] === undefined) return false;
  return true;
}

const timeless = (entries: ObjectMeta['managedFields']): readonly ManagedFieldsEntry[] | undefined =>
  entries?.map(({ time: _time, ...entry }) => entry);
