/** What a step of an expression costs while it runs: the units and factors of cel-go and of Kubernetes' library. */
import { CidrValue } from './library/addresses.js';
import { textLength } from './library/conversions.js';
import { FormatValue } from './library/formats.js';
import { CostExceeded } from './values/cel-error.js';
import { Extension } from './values/extension.js';
import { ListValue } from './values/list-value.js';
import { MapValue } from './values/map-value.js';
import type { Value } from './values/value.js';
import { WORK_MAX } from './work.js';

export const LIST_COST = 10;
export const MAP_COST = 30;
/** Of walking over one character of a string. */
export const TEXT_FACTOR = 0.1;
/** Of one character of a pattern. */
export const PATTERN_FACTOR = 0.25;
const CALL_COST = 1;
const AUTHORIZATION_COST = 350_000;

/** What an expression may still spend. */
export class Budget {
  readonly #limit: number;
  #spent = 0;
  #worked = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get spent(): number {
    return this.#spent;
  }

  /** For what upstream's costs do not see. */
  work(amount: number): void {
    this.#worked += amount;
    if (this.#worked > WORK_MAX) throw new CostExceeded(Math.max(this.#spent, this.#limit + 1));
  }

  spend(cost: number): void {
    this.#spent += cost;
    if (this.#spent > this.#limit) throw new CostExceeded(this.#spent);
  }
}

function sizeOf(value: Value | undefined): number {
  if (typeof value === 'string') return textLength(value);
  if (value instanceof Uint8Array || value instanceof ListValue) return value.length;
  if (value instanceof MapValue) return value.size;
  return value instanceof CidrValue ? Math.ceil(value.bits / 8) : 1;
}

/** The smaller size; a long text is not measured beside a short one. */
function smaller(left: Value | undefined, right: Value | undefined): number {
  if (typeof left === 'string' && typeof right === 'string') {
    if (left.length * 2 <= right.length) return textLength(left);
    if (right.length * 2 <= left.length) return textLength(right);
  }
  return Math.min(sizeOf(left), sizeOf(right));
}

const walk = (size: number, factor = TEXT_FACTOR): number => Math.ceil(size * factor);
const matching = (text: Value | undefined, patternSize: number): number =>
  walk(1 + sizeOf(text)) * walk(patternSize, PATTERN_FACTOR);

/** Of walking through all that is in a value. */
function traversal(value: Value | undefined): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return Math.floor(sizeOf(value) * TEXT_FACTOR);
  let cost = 0;
  if (value instanceof ListValue) for (const item of value) cost += traversal(item);
  else if (value instanceof MapValue)
    for (const key of value.keys()) cost += traversal(key) + traversal(value.get(key));
  else return 1;
  return cost;
}

/** Of comparing each item of a list with each. */
function comparing(list: Value | undefined): number {
  const size = sizeOf(list);
  const first = list instanceof ListValue && size > 0 ? list.at(0) : undefined;
  const factor = typeof first === 'string' || first instanceof Uint8Array ? 2 + TEXT_FACTOR : 2;
  return CALL_COST + LIST_COST + Math.floor(size * size * factor);
}

/** `args` with the target of a method first. */
export function callCost(name: string, args: readonly Value[], result: Value): number {
  const [first, second] = args;
  switch (name) {
    case 'check':
      return AUTHORIZATION_COST;
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf':
      return traversal(first);
    case 'url':
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
    case 'cidr':
    case 'isCIDR':
    case 'ip':
    case 'isIP':
    case 'quantity':
    case 'isQuantity':
    case 'semver':
    case 'isSemver':
    case 'strings.quote':
    case 'format':
    case 'bytes':
      return walk(sizeOf(first));
    case 'startsWith':
    case 'endsWith':
      return walk(sizeOf(first));
    case 'replace':
    case 'split':
    case 'ip.isCanonical':
      return walk(2 * sizeOf(first));
    case 'join':
      return walk(2 * sizeOf(result));
    case 'find':
    case 'findAll':
    case 'matches':
      return matching(first, sizeOf(second));
    case 'validate':
      return first instanceof FormatValue ? matching(second, first.patternSize) : 1;
    case 'contains':
      return walk(sizeOf(first)) * walk(sizeOf(second));
    case 'containsIP':
    case 'containsCIDR': {
      const range = sizeOf(first);
      const text = typeof second === 'string' ? walk(sizeOf(second)) : 0;
      return walk(2 * range) + (name === 'containsCIDR' ? walk(range) + 1 : 0) + text;
    }
    case '@in':
      return second instanceof ListValue ? sizeOf(second) : 1;
    case '_==_':
    case '_!=_':
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      if (first instanceof Extension) return 1;
      return walk(smaller(first, second));
    case '_+_':
      return typeof first === 'string' || first instanceof Uint8Array ? walk(sizeOf(first) + sizeOf(second)) : 1;
    case 'lists.range':
    case 'reverse':
    case 'slice':
      return CALL_COST + LIST_COST + sizeOf(result);
    case 'flatten':
      return CALL_COST + LIST_COST + sizeOf(first) * (typeof second === 'bigint' ? Number(second) : 1);
    case 'distinct':
    case 'sort':
      return comparing(first);
    case '@sortByAssociatedKeys':
      return comparing(second);
    case 'sets.equivalent':
      return CALL_COST + 2 * sizeOf(first) * sizeOf(second);
    case 'sets.contains':
    case 'sets.intersects':
      return CALL_COST + sizeOf(first) * sizeOf(second);
    default:
      return 1;
  }
}
