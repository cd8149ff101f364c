import { NumberLiteral } from './schema/number-literal.js';

/** Plain JSON data: what parsers yield, the store holds and patches make. A `bigint` is an int64 beyond 2^53. */
export type JsonValue = null | boolean | number | bigint | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
/** An object under construction; once handed on it is a JsonObject and changes no more. */
export type JsonObjectDraft = Record<string, JsonValue>;

/**
 * What a client's text holds before it is decoded: as JSON, but a number whose spelling matters (`1.0`, `1e3`, beyond 2^53) is
 * a NumberLiteral, a leaf like any other number.
 */
export type ParsedValue = JsonValue | NumberLiteral | readonly ParsedValue[] | ParsedObject;
export interface ParsedObject {
  readonly [key: string]: ParsedValue;
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject;
export function isJsonObject(value: ParsedValue | undefined): value is ParsedObject;
export function isJsonObject(value: unknown): value is JsonObject;
export function isJsonObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberLiteral);
}

export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[];
export function isJsonArray(value: ParsedValue | undefined): value is readonly ParsedValue[];
export function isJsonArray(value: unknown): value is readonly JsonValue[];
export function isJsonArray(value: unknown): boolean {
  return Array.isArray(value);
}

/** The own property, so that `__proto__`, `constructor` and the like read as absent unless the data has them. */
export const ownValue = <T>(object: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** Sets a key as data: assignment to `__proto__` would change the prototype instead. */
export function setOwn<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

/** A shallow copy without one key. */
export function withoutKey<T>(object: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!Object.hasOwn(object, key)) return object;
  const copy = { ...object };
  delete copy[key];
  return copy;
}

/** A shallow copy with one key set. Spread keeps an own `__proto__` as data. */
export function withKey<T>(object: Readonly<Record<string, T>>, key: string, value: T): Readonly<Record<string, T>> {
  const copy = { ...object };
  setOwn(copy, key, value);
  return copy;
}

/** A copy that shares nothing with its source. Only for handing data to code that mutates: read-only data needs none. */
export function deepClone<T>(value: T): T;
export function deepClone(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof NumberLiteral) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => deepClone(each));
  const copy: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) setOwn(copy, key, deepClone(each));
  return copy;
}

/** The same for plain JSON, which holds no number literals: faster. */
export function jsonCopy(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  // A list that is filled by `push` keeps room for sixteen more, for as long as the object lives.
  if (isJsonArray(value)) return value.map((each) => jsonCopy(each));
  const copy: JsonObjectDraft = {};
  for (const key in value) {
    const each = value[key]!;
    setOwn(copy, key, typeof each === 'object' ? jsonCopy(each) : each);
  }
  return copy;
}

/** Deepest nesting that recursive walks are asked to follow: the call stack holds no more than some thousand. */
export const VALUE_DEPTH_MAX = 1_000;

/** Measured without recursion. A scalar has depth 0, `[]` has 1. */
export function isNestedDeeperThan(root: unknown, limit: number): boolean {
  let level: object[] = typeof root === 'object' && root !== null ? [root] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= limit) return true;
    const next: object[] = [];
    for (const container of level) {
      for (const each of Object.values(container) as unknown[]) {
        if (typeof each === 'object' && each !== null) next.push(each);
      }
    }
    level = next;
  }
  return false;
}
