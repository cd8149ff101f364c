import { deepEqual } from '../equality.js';
import type { FieldSet } from './field-set.js';
import { FieldSetBuilder, type FieldSetPool } from './field-set-pool.js';
import { grouped, stepTo, typeAt, valueAt, wholeSet } from './field-sets.js';
import type { MergeList, MergeMap, MergeType } from './merge-type.js';
import type { PathElement } from './path-element.js';
import { asList, asMap, formOf, isEmptyMap, kindOf, type Fields } from './typed-value.js';

/** What a new value has beside an old one. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares what is there and differs: what both share by reference costs nothing. */
export function compare(pool: FieldSetPool, type: MergeType, old: unknown, value: unknown): Comparison {
  const { empty } = pool;
  const found = compareBoth(pool, type, old, value);
  if (found === undefined) return { added: empty, modified: empty, removed: empty };
  return { added: found.added ?? empty, modified: found.modified ?? empty, removed: found.removed ?? empty };
}

/** Differences below a value, and whether it differs as a whole. */
interface Differences {
  readonly isModified: boolean;
  readonly added?: FieldSet | undefined;
  readonly modified?: FieldSet | undefined;
  readonly removed?: FieldSet | undefined;
}

const MODIFIED: Differences = Object.freeze({ isModified: true });

function compareBoth(pool: FieldSetPool, type: MergeType, old: unknown, value: unknown): Differences | undefined {
  if (old === value) return undefined;
  const [oldKind, kind] = [kindOf(old), kindOf(value)];
  const form = formOf(type, kind === 'null' ? oldKind : kind);
  if (form === 'map' && oldKind !== 'scalar' && oldKind !== 'list') {
    const map = type.map!;
    const [before, after] = [asMap(old), asMap(value)];
    const isLeaf = map.isAtomic || (isEmptyMap(before) && isEmptyMap(after));
    if (!isLeaf) return compareFields(pool, map, before, after);
  } else if (form === 'list' && oldKind !== 'scalar' && oldKind !== 'map') {
    const list = type.list!;
    const [before, after] = [asList(old) ?? [], asList(value) ?? []];
    if (!list.isAtomic && before.length + after.length > 0) return compareItems(pool, list, before, after);
  }
  return deepEqual(old, value) ? undefined : MODIFIED;
}

function compareFields(
  pool: FieldSetPool,
  map: MergeMap,
  before: Fields | undefined,
  after: Fields | undefined,
): Differences | undefined {
  const collected = new Collector(pool);
  for (const key in after) {
    const type = typeAt(map, key);
    if (type === undefined) continue;
    const [old, value] = [valueAt(before, key), valueAt(after, key)];
    if (old !== value) collected.compare(() => stepTo(pool, map, key), type, old, value);
  }
  for (const key in before) {
    if (valueAt(after, key) !== undefined) continue;
    const type = typeAt(map, key);
    const old = valueAt(before, key);
    if (type !== undefined && old !== undefined) collected.compare(() => stepTo(pool, map, key), type, old, undefined);
  }
  return collected.differences;
}

function compareItems(
  pool: FieldSetPool,
  list: MergeList,
  before: readonly unknown[],
  after: readonly unknown[],
): Differences | undefined {
  const collected = new Collector(pool);
  const [olds, values] = [grouped(list, before), grouped(list, after)];
  for (const [text, items] of values) {
    const step = (): PathElement => pool.element(text);
    const former = olds.get(text) ?? [];
    if (items.length > 1) {
      // Elements that are doubled count as one leaf.
      if (former.length === 1) collected.compare(step, list.element, former[0], undefined);
      if (former.length < 2) collected.addLeaf('added', step());
      else if (!deepEqual(former, items)) collected.addLeaf('modified', step());
    } else if (former.length > 1) {
      collected.compare(step, list.element, undefined, items[0]);
      collected.addLeaf('removed', step());
    } else {
      collected.compare(step, list.element, former[0], items[0]);
    }
  }
  for (const [text, items] of olds) {
    if (values.has(text)) continue;
    if (items.length > 1) collected.addLeaf('removed', pool.element(text));
    else collected.compare(() => pool.element(text), list.element, items[0], undefined);
  }
  return collected.differences;
}

/** The differences of the parts of one value. */
class Collector {
  readonly #pool: FieldSetPool;
  #added: FieldSetBuilder | undefined;
  #modified: FieldSetBuilder | undefined;
  #removed: FieldSetBuilder | undefined;

  constructor(pool: FieldSetPool) {
    this.#pool = pool;
  }

  /** Of one part, which the old or the new value may lack. */
  compare(step: () => PathElement, type: MergeType, old: unknown, value: unknown): void {
    if (old === undefined) {
      this.#added ??= new FieldSetBuilder();
      this.#added.add(step(), true, wholeSet(this.#pool, type, value));
    } else if (value === undefined) {
      this.#removed ??= new FieldSetBuilder();
      this.#removed.add(step(), true, wholeSet(this.#pool, type, old));
    } else {
      const found = compareBoth(this.#pool, type, old, value);
      if (found !== undefined) this.#include(step(), found);
    }
  }

  addLeaf(where: 'added' | 'modified' | 'removed', step: PathElement): void {
    this.#builder(where).add(step, true);
  }

  get differences(): Differences | undefined {
    if (this.#added === undefined && this.#modified === undefined && this.#removed === undefined) return undefined;
    return {
      isModified: false,
      added: this.#added?.build(this.#pool),
      modified: this.#modified?.build(this.#pool),
      removed: this.#removed?.build(this.#pool),
    };
  }

  #include(step: PathElement, { isModified, added, modified, removed }: Differences): void {
    if (added !== undefined) this.#builder('added').add(step, false, added);
    if (isModified || modified !== undefined) this.#builder('modified').add(step, isModified, modified);
    if (removed !== undefined) this.#builder('removed').add(step, false, removed);
  }

  #builder(where: 'added' | 'modified' | 'removed'): FieldSetBuilder {
    switch (where) {
      case 'added':
        return (this.#added ??= new FieldSetBuilder());
      case 'modified':
        return (this.#modified ??= new FieldSetBuilder());
      case 'removed':
        return (this.#removed ??= new FieldSetBuilder());
    }
  }
}
