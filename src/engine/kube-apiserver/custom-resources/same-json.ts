import { deepEqual } from '../../machinery/equality.js';
import type { JsonValue } from '../../machinery/structure.js';

/** Whether two values are the same data, however their numbers are kept. */
export function isSameJson(one: JsonValue, other: JsonValue): boolean {
  if (typeof one === 'bigint') return isNumeric(other) && !(one < other) && !(one > other);
  if (typeof other === 'bigint') return isSameJson(other, one);
  return deepEqual(one, other);
}

const isNumeric = (value: JsonValue): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';
