import { isJsonArray, isJsonObject, type ParsedValue } from '../../machinery/structure.js';

/** As Go encodes what it keeps in maps: by the order of the keys. */
export function sortedKeys(value: ParsedValue): ParsedValue {
  if (isJsonArray(value)) return value.map(sortedKeys);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortedKeys(value[key] ?? null)]));
}
