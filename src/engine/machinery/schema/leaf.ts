/** How one JSON value is read into a type with a form of its own, and what Go says when it cannot be. */
import { setBehind } from '../managed-fields/field-set.js';
import { canonicalQuantity, quantityFault } from '../quantity.js';
import type { JsonObjectDraft, JsonValue } from '../structure.js';
import { setOwn } from '../structure.js';
import { base64OfBytes, canonicalBase64 } from './base64.js';
import { formatGoDuration, parseGoDuration } from './go-duration.js';
import { isCanonicalTime, isZeroTime, parseTime } from './go-time.js';
import { isNumber, NumberLiteral, numberText } from './number-literal.js';
import type { LeafKind } from './schema.js';

const INT32_MAX = 2_147_483_647;
const INT64_BOUND = 2n ** 63n;
const INT64_BOUND_NUMBER = 2 ** 63;
/** Free JSON is written again with functions that recurse: this deep is far within every stack, and beyond every use. */
const FREE_NESTING_MAX = 1_000;
const DIGITS = /^-?\d+$/;

/** Go's zero of a leaf, as it encodes it. */
export function zeroOfLeaf(kind: LeafKind): JsonValue {
  switch (kind) {
    case 'string':
      return '';
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'float64':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'duration':
      return '0s';
    default:
      return null;
  }
}

/** The value in canonical form, private to the caller; `undefined` when it does not fit. Never called with null. */
export function readLeaf(kind: LeafKind, value: unknown): JsonValue | undefined {
  switch (kind) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'int32':
      return readInt32(value);
    case 'int64':
      return readInt64(value);
    case 'float64':
      return readFloat64(value);
    case 'intOrString':
      return typeof value === 'string' ? value : readInt32(value);
    case 'quantity':
      return canonicalQuantity(quantityText(value));
    case 'time':
    case 'microTime':
      return readTime(kind, value);
    case 'duration':
      return readDuration(value);
    case 'bytes':
      return readBytes(value);
    case 'fieldsV1':
      return sharedFields(value) ?? plainJson(value);
    case 'json':
    case 'rawExtension':
    case 'any':
      return plainJson(value);
  }
}

/** Fields that a set of this process made are frozen, and one object for all who hold them. */
const sharedFields = (value: unknown): JsonValue | undefined =>
  typeof value === 'object' && value !== null ? setBehind(value)?.fieldsV1 : undefined;

/** A misfit of a saved kind keeps its place in the message; any other refusal is the message itself. */
export type Refusal =
  | { readonly kind: 'type'; readonly found: string; readonly goName: string; readonly isImmediate: boolean }
  | { readonly kind: 'words'; readonly message: string; readonly isImmediate: boolean };

/**
 * Why `readLeaf` gave `undefined`. Types with their own `UnmarshalJSON` fail at once (`isImmediate`); for the rest Go reads
 * on and reports the first misfit at the end.
 */
export function refusalOfLeaf(kind: LeafKind, goName: string, value: unknown): Refusal {
  switch (kind) {
    case 'intOrString':
      return misfit(value, 'int32', true);
    case 'quantity':
      return words(quantityFault(quantityText(value)) ?? 'invalid quantity', true);
    case 'time':
    case 'microTime': {
      if (typeof value !== 'string') return misfit(value, 'string', true);
      const parsed = parseTime(value, kind);
      return words('refusal' in parsed ? parsed.refusal : 'invalid time', true);
    }
    case 'duration': {
      if (typeof value !== 'string') return misfit(value, 'string', true);
      const parsed = parseGoDuration(value);
      return words('refusal' in parsed ? parsed.refusal : 'invalid duration', true);
    }
    case 'bytes': {
      if (typeof value !== 'string') return misfit(value, goName, false);
      const parsed = canonicalBase64(value);
      return words('refusal' in parsed ? parsed.refusal : 'invalid base64', false);
    }
    case 'json':
    case 'rawExtension':
    case 'fieldsV1':
    case 'any':
      return words('exceeded max depth', true);
    default:
      return misfit(value, goName, false);
  }
}

/** What Go calls a JSON value that it cannot read into a type. Numbers are quoted only where a number was expected. */
export function misfit(value: unknown, goName: string, isImmediate: boolean): Refusal {
  return { kind: 'type', found: foundName(value, goName), goName, isImmediate };
}

const NUMERIC: ReadonlySet<string> = new Set(['int32', 'int64', 'uint8', 'float64']);

function foundName(value: unknown, goName: string): string {
  if (isNumber(value)) return NUMERIC.has(goName) ? `number ${numberText(value)}` : 'number';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? 'array' : 'object';
}

const words = (message: string, isImmediate: boolean): Refusal => ({ kind: 'words', message, isImmediate });

function readInt32(value: unknown): number | undefined {
  if (typeof value === 'number') {
    return Number.isInteger(value) && value <= INT32_MAX && value >= -INT32_MAX - 1 ? value + 0 : undefined;
  }
  if (!(value instanceof NumberLiteral) || !DIGITS.test(value.text)) return undefined;
  return readInt32(Number(value.text));
}

/** Beyond 2^53 an int64 is rounded: typed objects hold numbers, and no valid field reaches so far. */
function readInt64(value: unknown): number | undefined {
  if (typeof value === 'number') {
    const fits = Number.isInteger(value) && value >= -INT64_BOUND_NUMBER && value < INT64_BOUND_NUMBER;
    return fits ? value + 0 : undefined;
  }
  if (typeof value === 'bigint') return value >= -INT64_BOUND && value < INT64_BOUND ? Number(value) : undefined;
  if (!(value instanceof NumberLiteral) || !DIGITS.test(value.text)) return undefined;
  return readInt64(BigInt(value.text));
}

function readFloat64(value: unknown): number | undefined {
  if (!isNumber(value)) return undefined;
  const number = typeof value === 'number' ? value : Number(numberText(value));
  return Number.isFinite(number) ? number : undefined;
}

/** Upstream parses a quantity from the JSON text, whatever stands there; what is no number or string never fits. */
function quantityText(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return isNumber(value) ? numberText(value) : JSON.stringify(value);
}

function readTime(kind: 'time' | 'microTime', value: unknown): JsonValue | undefined {
  if (typeof value !== 'string') return undefined;
  if (kind === 'time' && isCanonicalTime(value) && !isZeroTime(value)) return value;
  const parsed = parseTime(value, kind);
  if ('refusal' in parsed) return undefined;
  return isZeroTime(parsed.text) ? null : parsed.text;
}

function readDuration(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const parsed = parseGoDuration(value);
  return 'refusal' in parsed ? undefined : formatGoDuration(parsed.nanoseconds);
}

/** Base64, or, as Go takes it too, a list of byte values. */
function readBytes(value: unknown): string | undefined {
  if (typeof value === 'string') {
    const parsed = canonicalBase64(value);
    return 'refusal' in parsed ? undefined : parsed.text;
  }
  if (!Array.isArray(value)) return undefined;
  const bytes: number[] = [];
  for (const each of value) {
    const byte = each === null ? 0 : readInt32(each);
    if (byte === undefined || byte < 0 || byte > 255) return undefined;
    bytes.push(byte);
  }
  return base64OfBytes(bytes);
}

/** A private copy of free JSON without number literals; `undefined` beyond the nesting that the engine keeps. */
export function plainJson(value: unknown, depth = 0): JsonValue | undefined {
  if (value instanceof NumberLiteral) return Number(value.text);
  if (typeof value !== 'object' || value === null) return plain(value);
  if (depth > FREE_NESTING_MAX) return undefined;
  if (Array.isArray(value)) {
    const items = value.map((each: unknown) => plainJson(each, depth + 1));
    return items.includes(undefined) ? undefined : (items as JsonValue[]);
  }
  const copy: JsonObjectDraft = {};
  for (const [key, each] of Object.entries(value)) {
    if (each === undefined) continue;
    const member = plainJson(each, depth + 1);
    if (member === undefined) return undefined;
    setOwn(copy, key, member);
  }
  return copy;
}

function plain(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value;
    default:
      return null;
  }
}
