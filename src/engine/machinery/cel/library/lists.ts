import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  STRING,
  TIMESTAMP,
  UINT,
  listOf,
  optionalOf,
  parameter,
  type Type,
} from '../types.js';
import { CelError } from '../values/cel-error.js';
import { areEqual } from '../values/equality.js';
import { ArrayList, ListValue } from '../values/list-value.js';
import { Duration } from '../values/time-values.js';
import { OptionalValue, Uint, type Value } from '../values/value.js';
import { declare, member, overload, type FunctionDeclaration, type Overload } from './function.js';
import { compare, intWithin, uintWithin } from './operators.js';
import { durationWithin } from './time-limits.js';

const A = parameter('A');
const LIST = listOf(A);
const ORDERED: readonly Type[] = [INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES];
const SUMMED: readonly Type[] = [INT, UINT, DOUBLE, DURATION];
const RANGE_MAX = 1_000_000n;

type Of = readonly [ListValue];

const each = (elements: readonly Type[], make: (element: Type) => Overload): readonly Overload[] => elements.map(make);

function isSorted(list: ListValue): boolean {
  for (let position = 1; position < list.length; position++) {
    if (compare(list.at(position - 1), list.at(position)) > 0) return false;
  }
  return true;
}

function extreme(list: ListValue, sign: 1 | -1, name: string): Value {
  if (list.length === 0) throw new CelError(`${name} called on empty list`);
  let best = list.at(0);
  for (const item of list) if (sign * compare(item, best) > 0) best = item;
  return best;
}

function sum(list: ListValue, element: Type): Value {
  if (element.kind === 'double') {
    let total = 0;
    for (const item of list) total += typeof item === 'number' ? item : NaN;
    return total;
  }
  let total = 0n;
  for (const item of list)
    total += item instanceof Uint ? item.value : item instanceof Duration ? item.nanoseconds : (item as bigint);
  if (element.kind === 'uint') return uintWithin(total);
  return element.kind === 'duration' ? durationWithin(total) : intWithin(total);
}

function positionOf(list: ListValue, wanted: Value, isLast: boolean): bigint {
  let found = -1n;
  for (let position = 0; position < list.length; position++) {
    if (!areEqual(list.at(position), wanted)) continue;
    found = BigInt(position);
    if (!isLast) break;
  }
  return found;
}

function slice(list: ListValue, from: bigint, to: bigint): ListValue {
  if (from < 0n || to < 0n) throw new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to)
    throw new CelError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  if (BigInt(list.length) < to) throw new CelError(`cannot slice(${from}, ${to}), list is length ${list.length}`);
  return new ArrayList([...list].slice(Number(from), Number(to)));
}

function flattened(list: ListValue, depth: bigint): readonly Value[] {
  const items: Value[] = [];
  for (const item of list) {
    if (item instanceof ListValue && depth > 0n) items.push(...flattened(item, depth - 1n));
    else items.push(item);
  }
  return items;
}

function range(length: bigint): ListValue {
  if (length > RANGE_MAX) throw new CelError(`lists.range() length ${length} exceeds the limit of ${RANGE_MAX}`);
  return new ArrayList(Array.from({ length: Math.max(0, Number(length)) }, (_none, index) => BigInt(index)));
}

function distinct(list: ListValue): ListValue {
  const plain = new Set<Value>();
  const kept: Value[] = [];
  for (const item of list) {
    if (typeof item === 'string') {
      if (plain.has(item)) continue;
      plain.add(item);
    } else if (kept.some((other) => areEqual(other, item))) continue;
    kept.push(item);
  }
  return new ArrayList(kept);
}

/** Keys belong to the items at the same places; items of equal keys stay in their order. */
function sortedBy(list: ListValue, keys: ListValue): ListValue {
  const order = Array.from(keys, (key, place) => ({ key, place })).sort((a, b) => compare(a.key, b.key));
  return new ArrayList(order.map(({ place }) => list.at(place)));
}

const itemAt = (list: ListValue, place: number): OptionalValue =>
  list.length === 0 ? OptionalValue.none : new OptionalValue(list.at(place));

const includes = (list: ListValue, wanted: Value): boolean => positionOf(list, wanted, false) >= 0n;
const containsAll = (list: ListValue, part: ListValue): boolean => [...part].every((item) => includes(list, item));

type Two = readonly [ListValue, ListValue];

export const lists: readonly FunctionDeclaration[] = [
  declare('isSorted', ...each(ORDERED, (of) => member<Of>([listOf(of)], BOOL, ([list]) => isSorted(list)))),
  declare('sum', ...each(SUMMED, (of) => member<Of>([listOf(of)], of, ([list]) => sum(list, of)))),
  declare('max', ...each(ORDERED, (of) => member<Of>([listOf(of)], of, ([list]) => extreme(list, 1, 'max')))),
  declare('min', ...each(ORDERED, (of) => member<Of>([listOf(of)], of, ([list]) => extreme(list, -1, 'min')))),
  declare(
    'indexOf',
    member<readonly [ListValue, Value]>([LIST, A], INT, ([list, item]) => positionOf(list, item, false)),
  ),
  declare(
    'lastIndexOf',
    member<readonly [ListValue, Value]>([LIST, A], INT, ([list, item]) => positionOf(list, item, true)),
  ),
  declare(
    'slice',
    member<readonly [ListValue, bigint, bigint]>([LIST, INT, INT], LIST, ([list, from, to]) => slice(list, from, to)),
  ),
  declare(
    'flatten',
    member<Of>([listOf(LIST)], LIST, ([list]) => new ArrayList(flattened(list, 1n))),
    member<readonly [ListValue, bigint]>([listOf({ kind: 'dyn' }), INT], listOf({ kind: 'dyn' }), ([list, depth]) => {
      if (depth < 0n) throw new CelError('level must be non-negative');
      return new ArrayList(flattened(list, depth));
    }),
  ),
  declare(
    'sort',
    ...each(ORDERED, (of) => member<Of>([listOf(of)], listOf(of), ([list]) => new ArrayList([...list].sort(compare)))),
  ),
  declare(
    '@sortByAssociatedKeys',
    ...each(ORDERED, (of) => member<Two>([LIST, listOf(of)], LIST, ([list, keys]) => sortedBy(list, keys))),
  ),
  declare(
    'first',
    member<Of>([LIST], optionalOf(A), ([list]) => itemAt(list, 0)),
  ),
  declare(
    'last',
    member<Of>([LIST], optionalOf(A), ([list]) => itemAt(list, list.length - 1)),
  ),
  declare(
    'lists.range',
    overload<readonly [bigint]>([INT], listOf(INT), ([length]) => range(length)),
  ),
  declare(
    'reverse',
    member<Of>([LIST], LIST, ([list]) => new ArrayList([...list].reverse())),
  ),
  declare(
    'distinct',
    member<Of>([LIST], LIST, ([list]) => distinct(list)),
  ),
  declare(
    'sets.contains',
    overload<Two>([LIST, LIST], BOOL, ([list, part]) => containsAll(list, part)),
  ),
  declare(
    'sets.equivalent',
    overload<Two>([LIST, LIST], BOOL, ([left, right]) => containsAll(left, right) && containsAll(right, left)),
  ),
  declare(
    'sets.intersects',
    overload<Two>([LIST, LIST], BOOL, ([left, right]) => [...left].some((item) => includes(right, item))),
  ),
];
