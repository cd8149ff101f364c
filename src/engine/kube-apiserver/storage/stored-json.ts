import { parseJson as parseExactly } from '../../machinery/json/parse-json.js';
import { NumberLiteral } from '../../machinery/schema/number-literal.js';

/** A number that a double may not hold. */
const LONG_NUMBER = /\d{16}/;

/** Reads back what `encodeJson` wrote of a stored object. */
export function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  const { value } = parseExactly(text);
  return withIntegers(value);
}

function withIntegers(value: unknown): unknown {
  if (value instanceof NumberLiteral) return /^-?\d+$/.test(value.text) ? BigInt(value.text) : Number(value.text);
  if (Array.isArray(value)) return value.map(withIntegers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withIntegers(each)]));
}
