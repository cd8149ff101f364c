import { NumberLiteral } from './schema/number-literal.js';

/**
 * Whether two plain values mean the same: key order is nothing, an `undefined` field is an absent one. Shared structure is
 * equal at a glance, so comparing an object with its successor costs what has changed. `null`, absent and empty differ.
 */
export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return Number.isNaN(left) && Number.isNaN(right);
  }
  if (left instanceof NumberLiteral || right instanceof NumberLiteral) {
    return left instanceof NumberLiteral && right instanceof NumberLiteral && left.text === right.text;
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return Array.isArray(left) && Array.isArray(right) && equalLists(left, right);
  }
  return equalFields(left as Fields, right as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

const equalLists = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.length === right.length && left.every((each, index) => deepEqual(each, right[index]));

function equalFields(left: Fields, right: Fields): boolean {
  let matched = 0;
  for (const key of Object.keys(left)) {
    const value = left[key];
    if (value === undefined) continue;
    if (!Object.hasOwn(right, key) || !deepEqual(value, right[key])) return false;
    matched++;
  }
  for (const key of Object.keys(right)) if (right[key] !== undefined) matched--;
  return matched === 0;
}
