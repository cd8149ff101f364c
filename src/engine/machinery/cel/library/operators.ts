import * as types from '../types.js';
import { BOOL, BYTES, DOUBLE, DURATION, INT, STRING, TIMESTAMP, UINT, type Type } from '../types.js';
import { CelError } from '../values/cel-error.js';
import { areEqual, compareBytes, compareNumbers, compareText, isNumeric } from '../values/equality.js';
import type { ListValue } from '../values/list-value.js';
import { joinedLists } from '../values/list-value.js';
import type { MapValue } from '../values/map-value.js';
import { Duration, Timestamp } from '../values/time-values.js';
import { Uint, type Value } from '../values/value.js';
import { declare, overload, type FunctionDeclaration, type Overload } from './function.js';
import { durationWithin, timestampWithin } from './time-limits.js';

const INT_MIN = -(2n ** 63n);
const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;
const A = types.parameter('A');
const K = types.parameter('K');
const LIST = types.listOf(A);

export function intWithin(value: bigint): bigint {
  if (value < INT_MIN || value > INT_MAX) throw new CelError('integer overflow');
  return value;
}

export function uintWithin(value: bigint): Uint {
  if (value < 0n || value > UINT_MAX) throw new CelError('unsigned integer overflow');
  return new Uint(value);
}

type Whole = (left: bigint, right: bigint) => bigint;

const ofInts = (apply: Whole): Overload =>
  overload<readonly [bigint, bigint]>([INT, INT], INT, ([left, right]) => intWithin(apply(left, right)));
const ofUints = (apply: Whole): Overload =>
  overload<readonly [Uint, Uint]>([UINT, UINT], UINT, ([left, right]) => uintWithin(apply(left.value, right.value)));
const ofDoubles = (apply: (left: number, right: number) => number): Overload =>
  overload<readonly [number, number]>([DOUBLE, DOUBLE], DOUBLE, ([left, right]) => apply(left, right));

function notZero(right: bigint, fault: string): void {
  if (right === 0n) throw new CelError(fault);
}
const divided: Whole = (left, right) => {
  notZero(right, 'division by zero');
  return left / right;
};
const remainder: Whole = (left, right) => {
  notZero(right, 'modulus by zero');
  if (left === INT_MIN && right === -1n) throw new CelError('integer overflow');
  return left % right;
};

type Moment = Duration | Timestamp;
const moved = (parameters: readonly Type[], result: Type, sign: 1n | -1n): Overload =>
  overload<readonly [Moment, Moment]>(parameters, result, ([left, right]) => {
    const sum = left.nanoseconds + sign * right.nanoseconds;
    return result.kind === 'timestamp' ? timestampWithin(sum) : durationWithin(sum);
  });

const plus = declare(
  '_+_',
  ofInts((left, right) => left + right),
  ofUints((left, right) => left + right),
  ofDoubles((left, right) => left + right),
  overload<readonly [string, string]>([STRING, STRING], STRING, ([left, right]) => left + right),
  overload<readonly [Uint8Array, Uint8Array]>([BYTES, BYTES], BYTES, ([left, right]) => {
    const joined = new Uint8Array(left.length + right.length);
    joined.set(left);
    joined.set(right, left.length);
    return joined;
  }),
  overload<readonly [ListValue, ListValue]>([LIST, LIST], LIST, ([left, right]) => joinedLists(left, right)),
  moved([DURATION, DURATION], DURATION, 1n),
  moved([TIMESTAMP, DURATION], TIMESTAMP, 1n),
  moved([DURATION, TIMESTAMP], TIMESTAMP, 1n),
);

const minus = declare(
  '_-_',
  ofInts((left, right) => left - right),
  ofUints((left, right) => left - right),
  ofDoubles((left, right) => left - right),
  moved([DURATION, DURATION], DURATION, -1n),
  moved([TIMESTAMP, DURATION], TIMESTAMP, -1n),
  moved([TIMESTAMP, TIMESTAMP], DURATION, -1n),
);

const negation = declare(
  '-_',
  overload<readonly [bigint]>([INT], INT, ([value]) => intWithin(-value)),
  overload<readonly [number]>([DOUBLE], DOUBLE, ([value]) => -value),
);

/** Negative, zero or positive, or NaN where the two have no order. */
export function compare(left: Value, right: Value): number {
  if (isNumeric(left) && isNumeric(right)) return compareNumbers(left, right);
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return compareBytes(left, right);
  if (left instanceof Timestamp && right instanceof Timestamp) return order(left.nanoseconds, right.nanoseconds);
  if (left instanceof Duration && right instanceof Duration) return order(left.nanoseconds, right.nanoseconds);
  throw new CelError('no such overload');
}

const order = (left: bigint, right: bigint): number => (left < right ? -1 : left > right ? 1 : 0);

const NUMBERS: readonly Type[] = [INT, UINT, DOUBLE];
const COMPARABLE: readonly (readonly [Type, Type])[] = [
  ...[BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION].map((type) => [type, type] as const),
  ...NUMBERS.flatMap((left) => NUMBERS.filter((right) => right !== left).map((right) => [left, right] as const)),
];

const comparison = (name: string, holds: (difference: number) => boolean): FunctionDeclaration =>
  declare(
    name,
    ...COMPARABLE.map((pair) =>
      overload<readonly [Value, Value]>(pair, BOOL, ([left, right]) => holds(compare(left, right))),
    ),
  );

const contains = declare(
  '@in',
  overload<readonly [Value, ListValue]>([A, LIST], BOOL, ([item, list]) => {
    for (const each of list) if (areEqual(each, item)) return true;
    return false;
  }),
  overload<readonly [Value, MapValue]>([K, types.mapOf(K, types.parameter('V'))], BOOL, ([key, map]) => map.has(key)),
);

export const operators: readonly FunctionDeclaration[] = [
  plus,
  minus,
  declare(
    '_*_',
    ofInts((left, right) => left * right),
    ofUints((left, right) => left * right),
    ofDoubles((left, right) => left * right),
  ),
  declare(
    '_/_',
    ofInts(divided),
    ofUints(divided),
    ofDoubles((left, right) => left / right),
  ),
  declare('_%_', ofInts(remainder), ofUints(remainder)),
  negation,
  declare(
    '!_',
    overload<readonly [boolean]>([BOOL], BOOL, ([value]) => !value),
  ),
  declare(
    '_==_',
    overload<readonly [Value, Value]>([A, A], BOOL, ([left, right]) => areEqual(left, right)),
  ),
  declare(
    '_!=_',
    overload<readonly [Value, Value]>([A, A], BOOL, ([left, right]) => !areEqual(left, right)),
  ),
  comparison('_<_', (difference) => difference < 0),
  comparison('_<=_', (difference) => difference <= 0),
  comparison('_>_', (difference) => difference > 0),
  comparison('_>=_', (difference) => difference >= 0),
  contains,
];
