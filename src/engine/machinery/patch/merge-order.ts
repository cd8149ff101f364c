import { goFormat, goTypeName } from '../go-text.js';
import { NumberLiteral } from '../schema/number-literal.js';
import type { StatusError } from '../status-error.js';
import { genericInvalid, unknownError } from '../status-error.js';
import type { ParsedObject, ParsedValue } from '../structure.js';
import { isJsonObject, ownValue } from '../structure.js';

/** Up to this length Go sorts by insertion, which shows when items are in no order list. */
const INSERTION_LENGTH_MAX = 20;

export interface Parts {
  /** Items that the order list names. */
  readonly named: readonly ParsedValue[];
  readonly others: readonly ParsedValue[];
}

export interface Ordering {
  readonly order: readonly ParsedValue[];
  readonly serverOrder: readonly ParsedValue[];
  /** `undefined` for lists of scalars. */
  readonly mergeKey: string | undefined;
}

/** Equal scalars have equal keys; numbers and strings differ. */
export function scalarKey(value: ParsedValue | undefined): string {
  if (value instanceof NumberLiteral) return `number ${Number(value.text)}`;
  if (typeof value === 'string') return `"${value}`;
  return typeof value === 'object' && value !== null ? 'composite' : `${typeof value} ${String(value)}`;
}

/** Splits a merged list by whether an item, known by its merge key or itself, is in a list. */
export function partition(items: readonly ParsedValue[], list: readonly ParsedValue[], mergeKey: string): Parts {
  const keyOf = (item: ParsedValue, index: number): string => {
    if (mergeKey === '') return scalarKey(item);
    if (!isJsonObject(item)) throw unknownError(`value for key ${index} is not a map`);
    return scalarKey(ownValue(item, mergeKey));
  };
  if (mergeKey !== '') {
    for (const item of items) {
      if (!isJsonObject(item)) throw wrongType('map[string]interface {}', item);
      if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
    }
  }
  const keys = new Set(items.length === 0 ? [] : list.map(keyOf));
  const isNamed = items.map((item, index) => keys.has(keyOf(item, index)));
  return {
    named: items.filter((_, index) => isNamed[index] === true),
    others: items.filter((_, index) => isNamed[index] !== true),
  };
}

/**
 * One list out of both parts: named items in the order list's order, the others in that of the original list, and another one
 * goes before a named one where the original list has them so.
 */
export function orderedItems({ named, others }: Parts, ordering: Ordering): readonly ParsedValue[] {
  const { order, serverOrder, mergeKey } = ordering;
  const serverRank = rankIn(serverOrder, mergeKey);
  const right = sorted(named, rankIn(order, mergeKey), ordering, order);
  const left = sorted(others, serverRank, ordering, serverOrder);
  const all: ParsedValue[] = [];
  let [first, second] = [0, 0];
  while (first < left.length && second < right.length) {
    const [other, name] = [left[first] ?? null, right[second] ?? null];
    const [otherRank, nameRank] = [serverRank(other), serverRank(name)];
    if (otherRank !== undefined && nameRank !== undefined && otherRank < nameRank) {
      all.push(other);
      first++;
    } else {
      all.push(name);
      second++;
    }
  }
  all.push(...left.slice(first), ...right.slice(second));
  return isSame(all, serverOrder) ? serverOrder : all;
}

type Rank = (item: ParsedValue) => number | undefined;

function rankIn(list: readonly ParsedValue[], mergeKey: string | undefined): Rank {
  const keyOf = (item: ParsedValue): string =>
    mergeKey === undefined ? scalarKey(item) : scalarKey(isJsonObject(item) ? ownValue(item, mergeKey) : null);
  const ranks = new Map<string, number>();
  for (const [rank, item] of list.entries()) if (!ranks.has(keyOf(item))) ranks.set(keyOf(item), rank);
  return (item) => ranks.get(keyOf(item));
}

function sorted(
  items: readonly ParsedValue[],
  rank: Rank,
  { mergeKey }: Ordering,
  order: readonly ParsedValue[],
): readonly ParsedValue[] {
  if (mergeKey !== undefined) requireMergeKey(mergeKey, [...items, ...order]);
  const isDeletion = (item: ParsedValue) => isJsonObject(item) && ownValue(item, '$patch') === 'delete';
  const kept = mergeKey === undefined ? [...items] : items.filter((item) => !isDeletion(item));
  const deletions = mergeKey === undefined ? [] : items.filter(isDeletion);
  const ranked = kept.map((item) => ({ item, rank: rank(item) }));
  const isRanked = ranked.every((each) => each.rank !== undefined);
  if (isRanked || ranked.length > INSERTION_LENGTH_MAX) {
    ranked.sort((a, b) => (a.rank ?? -1) - (b.rank ?? -1));
  } else {
    insertionSort(ranked);
  }
  return [...ranked.map((each) => each.item), ...deletions];
}

/** Go's, with upstream's comparison, by which an item without a rank goes before any other. */
function insertionSort(items: { readonly rank: number | undefined }[]): void {
  for (let end = 1; end < items.length; end++) {
    for (let index = end; index > 0; index--) {
      const [before, after] = [items[index - 1], items[index]];
      if (before === undefined || after === undefined) return;
      if (before.rank !== undefined && after.rank !== undefined && after.rank >= before.rank) break;
      [items[index - 1], items[index]] = [after, before];
    }
  }
}

function requireMergeKey(mergeKey: string, items: readonly ParsedValue[]): void {
  for (const item of items) {
    if (!isJsonObject(item)) throw wrongType('map[string]interface {}', item);
    if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
  }
}

/** The Go type that the items of all lists have in common. */
export function itemType(lists: readonly (readonly ParsedValue[])[]): string {
  const types = new Set(lists.flatMap((list) => list.map(goTypeName)));
  const [type] = types;
  if (type === undefined) throw unknownError('no elements in any of the given slices');
  if (type === '[]interface {}') throw genericInvalid();
  if (types.size > 1) throw unknownError(`list element types are not identical: ${goFormat(lists)}`);
  return type;
}

export const isOfMaps = (type: string): boolean => type === 'map[string]interface {}';

export const noMergeKey = (item: ParsedObject, mergeKey: string): StatusError =>
  unknownError(`map: ${goFormat(item)} does not contain declared merge key: ${mergeKey}`);

export function wrongType(expected: string, actual: ParsedValue): StatusError {
  const found = actual === null ? '%!s(<nil>)' : goTypeName(actual);
  return unknownError(`expected a ${expected}, but received a ${found}`);
}

const isSame = (left: readonly ParsedValue[], right: readonly ParsedValue[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index]);
