import { deepEqual } from '../../machinery/equality.js';
import { invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { deepClone } from '../../machinery/structure.js';

export const IMMUTABLE = 'field is immutable';

/** `shown` is the value as upstream prints it, where that is not its JSON form. */
export function checkImmutable(
  report: Report,
  path: string,
  values: readonly [now: unknown, before: unknown],
  shown?: unknown,
): void {
  const [now, before] = values;
  if (!deepEqual(now, before)) report(invalid(path, shown ?? now, IMMUTABLE));
}

/** Restores one field of a draft from the stored object. */
export function keepField<Name extends string>(
  draft: { [Key in Name]?: unknown },
  name: Name,
  old: { readonly [Key in Name]?: unknown },
): void {
  const value = old[name];
  if (value === undefined) delete draft[name];
  else draft[name] = deepClone(value);
}
