/**
 * Mirrors how upstream reads JSON bodies (sigs.k8s.io/json): Go's grammar, error words and depth limit, duplicate fields noted.
 * Left out: that Go merges the objects of a duplicate field into a struct; here the last value wins, as in Go's maps.
 */
import { goQuote } from '../go-text.js';
import { isJsonArray, type JsonValue, type ParsedValue } from '../structure.js';
import type { FieldPlace } from './json-reader.js';
import { JsonReader, JsonSyntaxError } from './json-reader.js';
import { outlineOf } from './outline.js';

/** Strict errors beyond this are not reported, as upstream's are not. */
const STRICT_FAULTS_MAX = 100;
/** Deeper values are read by the exact reader, which needs no call stack. */
const COUNTED_DEPTH_MAX = 500;

export interface ParseJsonOptions {
  /** Costs a walk over the value. Without it `duplicates` may be empty although there are some. */
  readonly findDuplicates?: boolean;
}

export type ParsedJson =
  | { readonly value: ParsedValue; readonly duplicates: readonly FieldPlace[]; readonly fault?: undefined }
  /** Go's words: `unexpected end of JSON input`, `invalid character '}' after top-level value`. */
  | { readonly fault: string; readonly value?: undefined; readonly duplicates?: undefined };

/** Reads untrusted text. `__proto__` is a key like any other: it becomes an own property. */
export function parseJson(text: string, { findDuplicates = false }: ParseJsonOptions = {}): ParsedJson {
  const plain = parsePlainJson(text, findDuplicates);
  if (plain !== undefined) return { value: plain, duplicates: [] };
  const reader = new JsonReader(text);
  try {
    return { value: reader.read(), duplicates: reader.duplicates };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { fault: error.message };
    throw error;
  }
}

/** By JSON.parse, where that gives the same as the exact reader; `undefined` elsewhere, invalid text included. */
export function parsePlainJson(text: string, findDuplicates: boolean): JsonValue | undefined {
  const outline = outlineOf(text);
  if (outline === undefined) return undefined;
  try {
    const value = JSON.parse(text) as JsonValue;
    return findDuplicates && countFields(value) !== outline.fields ? undefined : value;
  } catch {
    return undefined; // The exact reader finds the words for what is wrong.
  }
}

/**
 * The strict decoding errors of a body in document order: `unknown field "spec.x"`, `duplicate field "metadata.labels.a"`.
 * `unknown` are the paths that the schema does not know, in document order; duplicates inside of them do not count.
 */
export function strictFaults(
  text: string,
  duplicates: readonly FieldPlace[],
  unknown: readonly string[],
): readonly string[] {
  const unknownFaults = unknown.map((path) => ({ path, text: `unknown field ${goQuote(path)}` }));
  if (duplicates.length === 0) return unknownFaults.map((each) => each.text).slice(0, STRICT_FAULTS_MAX);
  const known = duplicates.filter(({ path }) => !unknown.some((each) => isInside(path, each)));
  const reader = new JsonReader(text, new Set(unknown));
  reader.read();
  const faults = [
    ...unknownFaults.map((each) => ({ text: each.text, position: reader.places.get(each.path) ?? text.length })),
    ...known.map(({ path, position }) => ({ text: `duplicate field ${goQuote(path)}`, position })),
  ];
  return faults
    .toSorted((a, b) => a.position - b.position)
    .map((each) => each.text)
    .slice(0, STRICT_FAULTS_MAX);
}

const isInside = (path: string, outer: string): boolean =>
  path.length > outer.length && path.startsWith(outer) && (path[outer.length] === '.' || path[outer.length] === '[');

/** Not a number for a value that is nested deeper than a call stack may be. */
export function countFields(value: JsonValue, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > COUNTED_DEPTH_MAX) return Number.NaN;
  let count = 0;
  if (isJsonArray(value)) {
    for (const each of value) if (typeof each === 'object') count += countFields(each, depth + 1);
    return count;
  }
  for (const key in value) {
    count++;
    const each = value[key];
    if (typeof each === 'object') count += countFields(each, depth + 1);
  }
  return count;
}
