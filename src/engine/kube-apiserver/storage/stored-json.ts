import { parseJson as parseExactly } from '../../machinery/json/parse-json.js';
import { NumberLiteral } from '../../machinery/schema/number-literal.js';

/** A number that a double may not hold. */
const LONG_NUMBER = /\d{16}/;

/** JSON of a trusted object. An int64 beyond 2^53 is a `bigint`, which JSON.stringify refuses. */
export function encodeJson(value: object): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof TypeError) return exactText(value);
    throw error;
  }
}

/** Reads back what `encodeJson` wrote. */
export function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  const { value } = parseExactly(text);
  return withIntegers(value);
}

function exactText(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(exactText).join(',')}]`;
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}:${exactText(each)}`).join(',')}}`;
}

function withIntegers(value: unknown): unknown {
  if (value instanceof NumberLiteral) return /^-?\d+$/.test(value.text) ? BigInt(value.text) : Number(value.text);
  if (Array.isArray(value)) return value.map(withIntegers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withIntegers(each)]));
}
