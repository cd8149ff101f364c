import type { Kind } from '../../machinery/kind.js';
import { conflict, type StatusError } from '../../machinery/status-error.js';
import { splitKey } from '../../machinery/object.js';

/** A condition on the stored object that does not hold, in the words of upstream's storage. */
export function preconditionFailed(
  kind: Kind,
  key: string,
  {
    field,
    wanted,
    actual = '',
  }: { readonly field: 'UID' | 'ResourceVersion'; readonly wanted: string; readonly actual?: string | undefined },
): StatusError {
  const fault = `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${actual}`;
  const where = `Code: 4, Key: /registry/${kind.storagePrefix}/${key}, ResourceVersion: 0`;
  const message = `StorageError: invalid object, ${where}, AdditionalErrorMsg: ${fault}`;
  return conflict({ group: kind.group, resource: kind.plural }, splitKey(key).name, message);
}
