import { conflict, type StatusError } from '../../machinery/status-error.js';
import { splitKey } from '../../machinery/object.js';
import type { WriteScope } from './write-scope.js';

interface Unmet {
  readonly field: 'UID' | 'ResourceVersion';
  readonly wanted: string;
  readonly actual?: string | undefined;
}

/** A condition on the stored object that does not hold, in the words of upstream's storage; a dry run never gets to its prefix. */
export function preconditionFailed(
  { kind, isDryRun }: Pick<WriteScope, 'kind' | 'isDryRun'>,
  key: string,
  { field, wanted, actual = '' }: Unmet,
): StatusError {
  const fault = `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${actual}`;
  const where = `Code: 4, Key: ${isDryRun ? '' : '/registry'}/${kind.storagePrefix}/${key}, ResourceVersion: 0`;
  const message = `StorageError: invalid object, ${where}, AdditionalErrorMsg: ${fault}`;
  return conflict({ group: kind.group, resource: kind.plural }, splitKey(key).name, message);
}
