import { isNumber, numberText } from '../../machinery/schema/number-literal.js';
import {
  isJsonArray,
  setOwn,
  type JsonObjectDraft,
  type JsonValue,
  type ParsedValue,
} from '../../machinery/structure.js';

/** A document as Go's YAML reader leaves it to server-side apply: every number is a double. */
export function plainJson(value: ParsedValue): JsonValue {
  if (isNumber(value)) return Number(numberText(value));
  if (isJsonArray(value)) return value.map(plainJson);
  if (typeof value !== 'object' || value === null) return value;
  const plain: JsonObjectDraft = {};
  for (const [key, each] of Object.entries(value)) setOwn(plain, key, plainJson(each));
  return plain;
}
