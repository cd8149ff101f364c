/** What a step of an expression costs while it runs: the units and factors of cel-go and of Kubernetes' library. */
import { textLength } from './library/conversions.js';
import { FormatValue } from './library/formats.js';
import { CostExceeded } from './values/cel-error.js';
import { Extension } from './values/extension.js';
import { ListValue } from './values/list-value.js';
import { MapValue } from './values/map-value.js';
import type { Value } from './values/value.js';

export const LIST_COST = 10;
export const MAP_COST = 30;
/** Of walking over one character of a string. */
export const TEXT_FACTOR = 0.1;
/** Of one character of a pattern. */
export const PATTERN_FACTOR = 0.25;
const AUTHORIZATION_COST = 350_000;

/** What an expression may still spend. */
export class Budget {
  readonly #limit: number;
  #spent = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get spent(): number {
    return this.#spent;
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
  return value instanceof Extension ? textLength(value.text()) : 1;
}

const walk = (size: number, factor = TEXT_FACTOR): number => Math.ceil(size * factor);
const matching = (text: Value | undefined, patternSize: number): number =>
  walk(1 + sizeOf(text)) * walk(patternSize, PATTERN_FACTOR);

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
      return first instanceof ListValue ? sizeOf(first) : walk(sizeOf(first));
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
      return walk(sizeOf(second));
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
    case 'containsCIDR':
      return walk(2 * sizeOf(first)) + walk(sizeOf(second));
    case '@in':
      return second instanceof ListValue ? sizeOf(second) : 1;
    case '_==_':
    case '_!=_':
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      if (first instanceof Extension) return 1;
      return walk(Math.min(sizeOf(first), sizeOf(second)));
    case '_+_':
      return typeof first === 'string' || first instanceof Uint8Array ? walk(sizeOf(first) + sizeOf(second)) : 1;
    case 'lists.range':
    case 'distinct':
    case 'flatten':
    case 'reverse':
    case 'slice':
    case 'sort':
      return LIST_COST + sizeOf(result);
    case 'sets.contains':
    case 'sets.equivalent':
    case 'sets.intersects':
      return 1 + sizeOf(first) * sizeOf(second);
    default:
      return 1;
  }
}
