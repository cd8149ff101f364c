import type { MergeList, MergeMap, MergeType } from './merge-type.js';
import { isEmptyMap, type Fields } from './typed-value.js';

/** Larger values are not remembered by shape. */
const NODES_MAX = 1_000;
const ITEMS_MAX = 64;

/** What stands at a place where no owner looks further: enough to tell it from nothing. */
const ABSENT = 0;
const NULL = 1;
const ZERO = 2;
const SCALAR = 3;
const EMPTY = 4;
const FILLED = 5;
type Leaf = typeof ABSENT | typeof NULL | typeof ZERO | typeof SCALAR | typeof EMPTY | typeof FILLED;

/**
 * All of a value that decides which fields it has: the keys of its objects in their order, what its list elements are told
 * apart by, and which scalars are zero. Values of one shape come to be owned alike.
 */
type Shape = Leaf | MapShape | ListShape;

interface MapShape {
  readonly form: 'map';
  readonly keys: readonly string[];
  readonly values: readonly Shape[];
}

interface ListShape {
  readonly form: 'list';
  /** The fields that tell elements apart; empty where the elements themselves do. */
  readonly keys: readonly string[];
  /** Of each element the values of these fields, or itself. */
  readonly labels: readonly unknown[];
  readonly elements: readonly Shape[];
}

interface Remembered<Result> {
  readonly shape: Shape;
  readonly result: Result;
}

/** Remembers what was found for the shapes that values of one type had lately. */
export class ShapeMemory<Result> {
  readonly #type: MergeType;
  readonly #max: number;
  readonly #recent: Remembered<Result>[] = [];

  constructor(type: MergeType, max: number) {
    this.#type = type;
    this.#max = max;
  }

  /** What `find` says of the value, or has said of one of the same shape. `find` must look at nothing but the shape. */
  of(value: object, find: () => Result): Result {
    const recent = this.#recent;
    for (let at = 0; at < recent.length; at++) {
      const known = recent[at]!;
      if (!isOfShape(known.shape, value)) continue;
      for (let place = at; place > 0; place--) recent[place] = recent[place - 1]!;
      recent[0] = known;
      return known.result;
    }
    const result = find();
    const shape = new Outline().of(this.#type, value);
    if (shape !== undefined) {
      if (recent.length >= this.#max) recent.pop();
      recent.unshift({ shape, result });
    }
    return result;
  }
}

/** Makes the shape of one value. */
class Outline {
  #nodes = 0;

  /** `undefined` for a value that is too large, or has elements that nothing tells apart. */
  of(type: MergeType | undefined, value: unknown): Shape | undefined {
    if (++this.#nodes > NODES_MAX) return undefined;
    if (typeof value !== 'object' || value === null || type === undefined) return leafOf(value);
    if (Array.isArray(value)) {
      const { list } = type;
      if (list === undefined || list.isAtomic || value.length === 0) return leafOf(value);
      return this.#list(list, value as readonly unknown[]);
    }
    const { map } = type;
    return map === undefined || map.isAtomic ? leafOf(value) : this.#map(map, value as Fields);
  }

  #map(map: MergeMap, value: Fields): Shape | undefined {
    const keys: string[] = [];
    const values: Shape[] = [];
    for (const key in value) {
      const shape = this.of(map.fields.get(key)?.type ?? map.element, value[key]);
      if (shape === undefined) return undefined;
      keys.push(key);
      values.push(shape);
    }
    return { form: 'map', keys, values };
  }

  #list(list: MergeList, items: readonly unknown[]): Shape | undefined {
    if (items.length > ITEMS_MAX) return undefined;
    const keys = list.keys.map(({ name }) => name);
    const labels: unknown[] = [];
    const elements: Shape[] = [];
    for (const item of items) {
      const label = keys.length === 0 ? [item] : keys.map((key) => fieldOf(item, key));
      const element = this.of(list.element, item);
      if (element === undefined || label.some((each) => typeof each === 'object')) return undefined;
      labels.push(...label);
      elements.push(element);
    }
    return { form: 'list', keys, labels, elements };
  }
}

function isOfShape(shape: Shape, value: unknown): boolean {
  if (typeof shape === 'number') return leafOf(value) === shape;
  if (typeof value !== 'object' || value === null) return false;
  return shape.form === 'map' ? isOfMap(shape, value as Fields) : isOfList(shape, value);
}

function isOfMap({ keys, values }: MapShape, value: Fields): boolean {
  if (Array.isArray(value)) return false;
  let at = 0;
  for (const key in value) {
    if (keys[at] !== key) return false;
    const shape = values[at++]!;
    const each = value[key];
    // Most are strings that are not empty.
    if (shape === SCALAR && typeof each === 'string' && each !== '') continue;
    if (!isOfShape(shape, each)) return false;
  }
  return at === keys.length;
}

function isOfList({ keys, labels, elements }: ListShape, value: object): boolean {
  if (!Array.isArray(value) || value.length !== elements.length) return false;
  const items = value as readonly unknown[];
  let place = 0;
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (keys.length === 0 && labels[place++] !== item) return false;
    for (const key of keys) if (labels[place++] !== fieldOf(item, key)) return false;
    if (!isOfShape(elements[at]!, item)) return false;
  }
  return true;
}

const fieldOf = (item: unknown, key: string): unknown =>
  typeof item === 'object' && item !== null ? (item as Fields)[key] : item;

function leafOf(value: unknown): Leaf {
  if (value === undefined) return ABSENT;
  if (value === null) return NULL;
  if (typeof value !== 'object') return value === '' || value === 0 || value === false || value === 0n ? ZERO : SCALAR;
  const isEmpty = Array.isArray(value) ? value.length === 0 : isEmptyMap(value as Fields);
  return isEmpty ? EMPTY : FILLED;
}
