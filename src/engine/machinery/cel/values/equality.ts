import { typeText } from '../types.js';
import { Extension } from './extension.js';
import { ListValue } from './list-value.js';
import { MapValue } from './map-value.js';
import { Duration, Timestamp } from './time-values.js';
import { OptionalValue, TypeValue, Uint, type Value } from './value.js';

/** CEL's `==`: values of two types differ, but for numbers, which are compared as on one line. */
export function areEqual(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right) === 0;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (left instanceof ListValue) return right instanceof ListValue && areListsEqual(left, right);
  if (left instanceof MapValue) return right instanceof MapValue && areMapsEqual(left, right);
  if (left instanceof Extension) return left.equals(right);
  if (left instanceof Timestamp) return right instanceof Timestamp && left.nanoseconds === right.nanoseconds;
  if (left instanceof Duration) return right instanceof Duration && left.nanoseconds === right.nanoseconds;
  if (left instanceof TypeValue) return right instanceof TypeValue && typeText(left.type) === typeText(right.type);
  if (left instanceof OptionalValue) return right instanceof OptionalValue && areOptionalsEqual(left, right);
  return left instanceof Uint8Array && right instanceof Uint8Array && compareBytes(left, right) === 0;
}

type Numeric = bigint | number | Uint;

export const isNumeric = (value: Value): value is Numeric =>
  typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;

/** Negative, zero or positive; NaN where one of them is. A whole number meets a double as a double. */
export function compareNumbers(left: Numeric, right: Numeric): number {
  const [a, b] = [left instanceof Uint ? left.value : left, right instanceof Uint ? right.value : right];
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  const difference = Number(a) - Number(b);
  // Of two infinities the difference is none.
  return Number.isNaN(difference) && Number(a) === Number(b) ? 0 : difference;
}

export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let position = 0; position < shared; position++) {
    const difference = left[position]! - right[position]!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** By code points, as Go compares the bytes of UTF-8. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const shared = Math.min(left.length, right.length);
  for (let position = 0; position < shared; position++) {
    const [a, b] = [left.charCodeAt(position), right.charCodeAt(position)];
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Surrogates stand for what comes after all of the plain plane. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

function areListsEqual(left: ListValue, right: ListValue): boolean {
  if (left.length !== right.length) return false;
  if (left.identityOf !== undefined) return haveSameItems(left, right);
  for (let position = 0; position < left.length; position++) {
    if (!areEqual(left.at(position), right.at(position))) return false;
  }
  return true;
}

function haveSameItems(left: ListValue, right: ListValue): boolean {
  const identityOf = (item: Value): string => left.identityOf?.(item) ?? '';
  const own = new Map(Array.from(left, (item) => [identityOf(item), item] as const));
  for (const item of right) {
    const same = own.get(identityOf(item));
    if (same === undefined || !areEqual(same, item)) return false;
  }
  return true;
}

function areMapsEqual(left: MapValue, right: MapValue): boolean {
  if (left.size !== right.size) return false;
  for (const key of left.keys()) {
    const [mine, other] = [left.get(key), right.get(key)];
    if (mine === undefined || other === undefined || !areEqual(mine, other)) return false;
  }
  return true;
}

function areOptionalsEqual({ content: left }: OptionalValue, { content: right }: OptionalValue): boolean {
  if (left === undefined || right === undefined) return left === right;
  return areEqual(left, right);
}
