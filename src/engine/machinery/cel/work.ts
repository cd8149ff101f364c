/**
 * How much there is to do for a call, in characters and items. Upstream's costs leave some calls cheap that are not:
 * `s.replace('', s)`, which makes a text of the square of its length, or the comparison of lists of lists.
 */
import { ListValue } from './values/list-value.js';
import { MapValue } from './values/map-value.js';
import { OptionalValue, type Value } from './values/value.js';

/** What all calls of one evaluation may do together: far beyond what upstream's cost limit lets well-meant ones do. */
export const WORK_MAX = 50_000_000;
/** Of looking at an item of a list or a map, in characters. */
const ITEM_WORK = 150;

/** `args` with the target of a method first. */
export function workOf(name: string, args: readonly Value[]): number {
  const [first, second, third] = args;
  switch (name) {
    case '_==_':
    case '_!=_':
      return Math.min(itemsIn(first), itemsIn(second));
    case '@in':
    case 'indexOf':
    case 'lastIndexOf':
      return itemsIn(first) + itemsIn(second);
    case 'distinct':
      return first instanceof ListValue ? (itemsIn(first) * first.length) / ITEM_WORK : 0;
    case 'sets.contains':
    case 'sets.intersects':
    case 'sets.equivalent':
      return (2 * itemsIn(first) * itemsIn(second)) / ITEM_WORK;
    case 'replace':
      return lengthOf(first) + replacements(first, second) * lengthOf(third);
    case 'join':
      return first instanceof ListValue ? itemsIn(first) + first.length * lengthOf(second) : 0;
    case 'flatten':
      return itemsIn(first);
    case 'format':
      return lengthOf(first) + itemsIn(second);
    default: {
      let sum = 0;
      for (const each of args) sum += lengthOf(each);
      return sum;
    }
  }
}

function replacements(text: Value | undefined, wanted: Value | undefined): number {
  const [length, each] = [lengthOf(text), lengthOf(wanted)];
  return each === 0 ? length + 1 : Math.floor(length / each);
}

function lengthOf(value: Value | undefined): number {
  if (typeof value === 'string' || value instanceof Uint8Array || value instanceof ListValue) return value.length;
  return value instanceof MapValue ? value.size : 0;
}

/** Everything that is in a value, however deep: characters of texts, items and keys. Counts no further than it may. */
function itemsIn(value: Value | undefined): number {
  const open: Value[] = value === undefined ? [] : [value];
  let count = 0;
  for (let next = open.pop(); next !== undefined && count <= WORK_MAX; next = open.pop()) {
    count += typeof next === 'string' ? next.length : ITEM_WORK;
    if (next instanceof ListValue && next.length * ITEM_WORK > WORK_MAX) return WORK_MAX + 1;
    if (next instanceof ListValue) for (const item of next) open.push(item);
    else if (next instanceof MapValue) for (const key of next.keys()) open.push(key, next.get(key) ?? null);
    else if (next instanceof OptionalValue && next.content !== undefined) open.push(next.content);
  }
  return count;
}
