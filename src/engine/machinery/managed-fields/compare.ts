import { deepEqual } from '../equality.js';
import type { FieldSet } from './field-set.js';
import { FieldSetBuilder, type FieldSetPool } from './field-set-pool.js';
import { grouped, stepTo, typeAt, valueAt, wholeSet } from './field-sets.js';
import type { MergeList, MergeMap, MergeType } from './merge-type.js';
import type { PathElement } from './path-element.js';
import { asList, asMap, formOf, isEmptyMap, kindOf, stepText, type Fields } from './typed-value.js';

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

/** Longer lists are compared by their elements' names. */
const PAIRED_ITEMS_MAX = 16;
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
  const found = new Collector(pool);
  for (const key in after) {
    const value = valueAt(after, key);
    const old = valueAt(before, key);
    if (old === value || value === undefined) continue;
    const field = map.fields.get(key);
    const type = field?.type ?? map.element;
    if (type === undefined) continue;
    const differences = old === undefined ? undefined : compareBoth(pool, type, old, value);
    if (old !== undefined && differences === undefined) continue;
    const step = field?.step ?? stepTo(pool, map, key);
    if (differences === undefined) found.add('added', step, wholeSet(pool, type, value));
    else found.include(step, differences);
  }
  for (const key in before) {
    const old = valueAt(before, key);
    const type = typeAt(map, key);
    if (old === undefined || type === undefined || valueAt(after, key) !== undefined) continue;
    found.add('removed', stepTo(pool, map, key), wholeSet(pool, type, old));
  }
  return found.differences;
}

function compareItems(
  pool: FieldSetPool,
  list: MergeList,
  before: readonly unknown[],
  after: readonly unknown[],
): Differences | undefined {
  const texts = sharedTexts(list, before, after);
  const found = new Collector(pool);
  if (texts === undefined) {
    compareGroups(pool, list, [grouped(list, before), grouped(list, after)], found);
    return found.differences;
  }
  texts.forEach((text, at) => {
    const differences = compareBoth(pool, list.element, before[at], after[at]);
    if (differences !== undefined) found.include(pool.element(text), differences);
  });
  return found.differences;
}

/** The steps to the elements where both lists have the same ones in the same order, each once: the common case. */
function sharedTexts(
  list: MergeList,
  before: readonly unknown[],
  after: readonly unknown[],
): readonly string[] | undefined {
  if (before.length !== after.length || before.length > PAIRED_ITEMS_MAX) return undefined;
  const texts: string[] = [];
  for (let at = 0; at < before.length; at++) {
    const text = stepText(list, before[at]);
    if (text === undefined || text !== stepText(list, after[at]) || texts.includes(text)) return undefined;
    texts.push(text);
  }
  return texts;
}

function compareGroups(
  pool: FieldSetPool,
  { element }: MergeList,
  [olds, values]: readonly [ReadonlyMap<string, unknown[]>, ReadonlyMap<string, unknown[]>],
  found: Collector,
): void {
  for (const [text, items] of values) {
    const step = pool.element(text);
    const former = olds.get(text) ?? [];
    const [old] = former;
    if (items.length > 1) {
      // Elements that are doubled count as one leaf.
      if (former.length === 1) found.add('removed', step, wholeSet(pool, element, old));
      if (former.length < 2) found.add('added', step, pool.empty);
      else if (!deepEqual(former, items)) found.add('modified', step, pool.empty);
      continue;
    }
    if (former.length !== 1) {
      found.add('added', step, wholeSet(pool, element, items[0]));
      if (former.length > 1) found.add('removed', step, pool.empty);
      continue;
    }
    const differences = compareBoth(pool, element, old, items[0]);
    if (differences !== undefined) found.include(step, differences);
  }
  for (const [text, items] of olds) {
    if (values.has(text)) continue;
    found.add('removed', pool.element(text), items.length > 1 ? pool.empty : wholeSet(pool, element, items[0]));
  }
}

type Where = 'added' | 'modified' | 'removed';

/** The differences of the parts of one value. */
class Collector {
  readonly #pool: FieldSetPool;
  #added: FieldSetBuilder | undefined;
  #modified: FieldSetBuilder | undefined;
  #removed: FieldSetBuilder | undefined;

  constructor(pool: FieldSetPool) {
    this.#pool = pool;
  }

  /** A part that came, went or changed with all that is below it. */
  add(where: Where, step: PathElement, below: FieldSet): void {
    this.#builder(where).add(step, true, below);
  }

  /** The differences within one part. */
  include(step: PathElement, { isModified, added, modified, removed }: Differences): void {
    if (added !== undefined) this.#builder('added').add(step, false, added);
    if (isModified || modified !== undefined) this.#builder('modified').add(step, isModified, modified);
    if (removed !== undefined) this.#builder('removed').add(step, false, removed);
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

  #builder(where: Where): FieldSetBuilder {
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
