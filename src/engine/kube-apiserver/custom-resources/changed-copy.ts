import { setOwn, type JsonObject, type JsonObjectDraft, type JsonValue } from '../../machinery/structure.js';

/** What becomes of one field: another value, or nothing. */
type FieldChange = (value: JsonValue, name: string) => JsonValue | undefined;

/** The object with each field as the change leaves it; the very object when nothing changes. */
export function mapFields(object: JsonObject, change: FieldChange): JsonObject {
  let copy: JsonObjectDraft | undefined;
  for (const name of Object.keys(object)) {
    const value = object[name] ?? null;
    const changed = change(value, name);
    if (changed === value) continue;
    copy ??= { ...object };
    if (changed === undefined) delete copy[name];
    else setOwn(copy, name, changed);
  }
  return copy ?? object;
}

/** The same of a list's items, of which none goes. */
export function mapItems(
  list: readonly JsonValue[],
  change: (value: JsonValue, index: number) => JsonValue,
): readonly JsonValue[] {
  let copy: JsonValue[] | undefined;
  for (const [index, value] of list.entries()) {
    const changed = change(value, index);
    if (changed === value) continue;
    copy ??= [...list];
    copy[index] = changed;
  }
  return copy ?? list;
}
