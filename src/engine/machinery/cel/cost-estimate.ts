/** Mirrors the upper bounds of cel-go's cost estimate, with Kubernetes' functions: what an expression may come to cost. */
import type { Checked } from './checker.js';
import { LIST_COST, MAP_COST, PATTERN_FACTOR, TEXT_FACTOR } from './cost.js';
import type { Call, Comprehension, Expression } from './expression.js';
import { textLength } from './library/conversions.js';
import type { Type } from './types.js';

/** Beyond it all costs are one. */
export const COST_MAX = 2 ** 64;
const CALL_COST = 1;
const AUTHORIZATION_COST = 350_000;
/** Of comparing the names of two formats. */
const FORMAT_COST = 7;
/** Addresses are 16 bytes at most. */
const CONTAINS_COST = { containsIP: 4, containsCIDR: 7 } as const;

/** The most a part costs, and how large its value may be where that is known. */
interface Estimate {
  readonly cost: number;
  readonly size: number;
}

/** Sizes of what macros bind. */
type Locals = ReadonlyMap<string, number>;

export const estimateCost = (expression: Expression, checked: Checked): number =>
  bounded(new Estimator(checked).estimate(expression, new Map()).cost);

const bounded = (value: number): number => Math.min(value, COST_MAX);
const walk = (size: number, factor = TEXT_FACTOR): number => Math.ceil(size * factor);

class Estimator {
  readonly #checked: Checked;

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  estimate(part: Expression, locals: Locals): Estimate {
    switch (part.kind) {
      case 'literal':
        return { cost: 0, size: typeof part.value === 'string' ? textLength(part.value) : 1 };
      case 'identifier':
        return { cost: 1, size: locals.get(part.name) ?? this.#sizeOf(part) };
      case 'select': {
        const { cost } = this.estimate(part.operand, locals);
        const own = part.isOptional || (!part.isTest && this.#isOpen(part.operand)) ? 1 : 0;
        return { cost: cost + own, size: this.#sizeOf(part) };
      }
      case 'list':
        return { cost: this.#sum(part.elements, locals) + LIST_COST, size: part.elements.length };
      case 'map':
        return { cost: this.#sum(part.entries.flat(), locals) + MAP_COST, size: part.entries.length };
      case 'call':
        return this.#call(part, locals);
      case 'comprehension':
        return this.#comprehension(part, locals);
      case 'bind': {
        const value = this.estimate(part.value, locals);
        const body = this.estimate(part.body, new Map(locals).set(part.name, value.size));
        // An optional is asked whether it has a value, and for it, and what comes of it is wrapped again.
        const optional = part.macro === 'bind' ? 0 : value.cost + 2 + (part.macro === 'optMap' ? 1 : 0);
        return { cost: bounded(value.cost + optional + body.cost + LIST_COST), size: body.size };
      }
    }
  }

  #isOpen(part: Expression): boolean {
    return ['map', 'object', 'parameter'].includes(this.#checked.typeOf(part).kind);
  }

  #sizeOf(part: Expression): number {
    return sizeOfType(this.#checked.typeOf(part));
  }

  #sum(parts: readonly Expression[], locals: Locals): number {
    return bounded(parts.reduce((sum, part) => sum + this.estimate(part, locals).cost, 0));
  }

  #call(call: Call, locals: Locals): Estimate {
    const isQualified = this.#checked.qualifiedName(call) !== undefined;
    const parts = call.target === undefined || isQualified ? call.args : [call.target, ...call.args];
    const given = parts.map((part) => this.estimate(part, locals));
    const argumentsCost = given.reduce((sum, { cost }) => sum + cost, 0);
    if (call.name === '_&&_' || call.name === '_||_') return { cost: bounded(argumentsCost), size: 1 };
    if (call.name === '_?_:_') {
      const [condition, yes, no] = given;
      const cost = (condition?.cost ?? 0) + Math.max(yes?.cost ?? 0, no?.cost ?? 0);
      return { cost: bounded(cost), size: Math.max(yes?.size ?? 0, no?.size ?? 0) };
    }
    const { cost, size } = this.#function(
      call,
      parts,
      given.map((each) => each.size),
    );
    return { cost: bounded(argumentsCost + cost), size: size ?? this.#sizeOf(call) };
  }

  /** The cost of the call itself, and the size of what it makes where that depends on the arguments. */
  #function(call: Call, parts: readonly Expression[], sizes: readonly number[]): { cost: number; size?: number } {
    const [first = 0, second = 0, third = 0] = sizes;
    const type = parts[0] === undefined ? undefined : this.#checked.typeOf(parts[0]);
    switch (this.#checked.qualifiedName(call) ?? call.name) {
      case 'check':
        return { cost: AUTHORIZATION_COST };
      case 'dyn':
        return { cost: 1, size: first };
      case '@in':
        return { cost: this.#checked.typeOf(call.args[1]!).kind === 'map' ? 1 : second };
      case 'startsWith':
      case 'endsWith':
        return { cost: walk(second) };
      case 'matches':
      case 'find':
      case 'findAll':
        return { cost: walk(first + 1) * walk(second, PATTERN_FACTOR), size: first };
      case 'contains':
        return { cost: walk(first) * walk(second) };
      case '_+_':
        if (type?.kind === 'string' || type?.kind === 'bytes' || type?.kind === 'dyn') {
          return { cost: walk(bounded(first + second)), size: bounded(first + second) };
        }
        return { cost: 1, size: bounded(first + second) };
      case '_==_':
      case '_!=_':
        return { cost: equalityCost(type) ?? walk(Math.min(first, second)) };
      case '_<_':
      case '_<=_':
      case '_>_':
      case '_>=_':
        return { cost: type?.kind === 'string' || type?.kind === 'bytes' ? walk(Math.min(first, second)) : 1 };
      case 'isSorted':
      case 'sum':
      case 'max':
      case 'min':
      case 'indexOf':
      case 'lastIndexOf':
        return { cost: type?.kind === 'list' ? first * itemCost(type.element) : walk(first) };
      case 'lowerAscii':
      case 'upperAscii':
      case 'substring':
      case 'trim':
      case 'url':
        return { cost: walk(first), size: first };
      case 'ip':
        return { cost: call.target === undefined ? walk(first) : 1 };
      case 'containsIP':
      case 'containsCIDR':
        return {
          cost:
            CONTAINS_COST[call.name === 'containsIP' ? 'containsIP' : 'containsCIDR'] +
            (isOpaque(this.#checked.typeOf(parts[1]!)) ? 0 : walk(second)),
        };
      case 'cidr':
      case 'isCIDR':
      case 'isIP':
      case 'quantity':
      case 'isQuantity':
      case 'semver':
      case 'isSemver':
      case 'bytes':
      case 'format':
        return { cost: walk(first) };
      case 'string':
        return type?.kind === 'bytes' ? { cost: walk(first), size: first } : { cost: 1 };
      case 'replace':
        return { cost: walk(2 * first), size: bounded(first + (first + 1) * third) };
      case 'split':
        return { cost: walk(2 * first), size: first };
      case 'join': {
        const size = bounded(first * (type?.kind === 'list' ? sizeOfType(type.element) : 1) + first * second);
        return { cost: walk(size), size };
      }
      case 'validate':
        return { cost: walk(second) * walk(128, PATTERN_FACTOR) };
      case 'ip.isCanonical':
        return { cost: walk(2 * first) };
      case 'sets.contains':
      case 'sets.intersects':
        return { cost: CALL_COST + first * second };
      case 'sets.equivalent':
        return { cost: CALL_COST + 2 * first * second };
      default:
        return this.#listFunction(call, parts, first);
    }
  }

  /** Functions that make a list; a number in the text tells how long it becomes. */
  #listFunction(call: Call, parts: readonly Expression[], size: number): { cost: number; size?: number } {
    const made = (length: number, factor = 1): { cost: number; size: number } => ({
      cost: CALL_COST + LIST_COST + Math.ceil(length * factor),
      size: length,
    });
    const [first, second, third] = parts;
    switch (this.#checked.qualifiedName(call) ?? call.name) {
      case 'sort':
      case 'distinct':
        return made(size * size, this.#comparison(call.name === 'sort' ? first : undefined));
      case '@sortByAssociatedKeys':
        return made(size * size, this.#comparison(second));
      case 'flatten':
        return made(size, second === undefined ? 1 : wholeOf(second, COST_MAX));
      case 'reverse':
        return made(size);
      case 'slice':
        return made(Math.max(0, wholeOf(third, size) - wholeOf(second, 0)));
      case 'lists.range':
        return made(wholeOf(first, COST_MAX));
      default:
        return { cost: 1 };
    }
  }

  /** What comparing one item of a list with another costs, twice. */
  #comparison(list: Expression | undefined): number {
    const type = list === undefined ? undefined : this.#checked.typeOf(list);
    const isText = type?.kind === 'list' && (type.element.kind === 'string' || type.element.kind === 'bytes');
    return isText ? 2 + TEXT_FACTOR : 2;
  }

  /** cel-go expands macros: what each turn costs besides body and filter is what the steps of the expansion cost. */
  #comprehension(part: Comprehension, locals: Locals): Estimate {
    const range = this.estimate(part.range, locals);
    const inner = new Map(locals);
    inner.delete(part.variable);
    if (part.second !== undefined) inner.delete(part.second);
    const body = this.estimate(part.body, inner).cost;
    const filter = part.filter === undefined ? 0 : this.estimate(part.filter, inner).cost;
    const { turn, once } = MACRO_COSTS[part.macro];
    const cost = bounded(range.cost + once + range.size * (turn + body + filter));
    const isContainer = !['all', 'exists', 'exists_one'].includes(part.macro);
    return { cost, size: isContainer ? range.size : 1 };
  }
}

const MACRO_COSTS: Readonly<Record<Comprehension['macro'], { readonly turn: number; readonly once: number }>> = {
  all: { turn: 3, once: 1 },
  exists: { turn: 4, once: 1 },
  exists_one: { turn: 2, once: 2 },
  filter: { turn: LIST_COST + 3, once: LIST_COST + 1 },
  map: { turn: LIST_COST + 2, once: LIST_COST + 1 },
  transformList: { turn: LIST_COST + 2, once: LIST_COST + 1 },
  transformMap: { turn: 3, once: MAP_COST + 1 },
  transformMapEntry: { turn: 2, once: MAP_COST + 1 },
};

function wholeOf(part: Expression | undefined, otherwise: number): number {
  if (part?.kind !== 'literal' || typeof part.value !== 'bigint') return otherwise;
  return part.value < 0n ? 0 : Number(part.value);
}

/** Of values that Kubernetes' library compares itself. */
function equalityCost(type: Type | undefined): number | undefined {
  if (type?.kind !== 'opaque' || type.name === 'optional_type') return undefined;
  return type.name === 'kubernetes.NamedFormat' ? FORMAT_COST : 1;
}

const isOpaque = ({ kind }: Type): boolean => kind === 'opaque';

const itemCost = (element: Type): number =>
  element.kind === 'string' || element.kind === 'bytes' ? 1 + walk(sizeOfType(element)) : 1;

function sizeOfType(type: Type): number {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'list':
    case 'map':
    case 'dyn':
    case 'timestamp':
    case 'duration':
      return type.sizeMax ?? (type.kind === 'timestamp' || type.kind === 'duration' ? 1 : COST_MAX);
    case 'bool':
    case 'int':
    case 'uint':
    case 'double':
    case 'null':
      return 1;
    default:
      return COST_MAX;
  }
}
