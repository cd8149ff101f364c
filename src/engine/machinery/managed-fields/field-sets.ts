import { ownValue } from '../structure.js';
import type { FieldSet } from './field-set.js';
import { FieldSetBuilder, type FieldSetPool } from './field-set-pool.js';
import type { MergeList, MergeMap, MergeType } from './merge-type.js';
import { fieldText, type PathElement } from './path-element.js';
import { asList, asMap, formOf, isEmptyMap, kindOf, stepText, UntypedValue, type Fields } from './typed-value.js';

/** Longer lists are grouped by their elements' names. */
const DISTINCT_ITEMS_MAX = 16;

/** What of a value is mentioned: its leaves, the elements of lists and the keys of maps. What an apply comes to own. */
export function appliedSet(pool: FieldSetPool, type: MergeType, value: unknown): FieldSet {
  return mentioned(pool, type, value).below;
}

interface Mentioned {
  readonly isMember: boolean;
  readonly below: FieldSet;
}

function mentioned(pool: FieldSetPool, type: MergeType, value: unknown): Mentioned {
  const { map, list } = type;
  switch (formOf(type, kindOf(value))) {
    case 'scalar':
      return { isMember: true, below: pool.empty };
    case 'list': {
      if (list?.isAtomic === true) return { isMember: true, below: pool.empty };
      return { isMember: false, below: mentionedItems(pool, list!, asList(value) ?? []) };
    }
    case 'map': {
      if (map?.isAtomic === true) return { isMember: true, below: pool.empty };
      return { isMember: false, below: mentionedFields(pool, map!, asMap(value) ?? {}) };
    }
  }
}

function mentionedFields(pool: FieldSetPool, map: MergeMap, value: Fields): FieldSet {
  const builder = new FieldSetBuilder();
  for (const key of Object.keys(value)) {
    const each = value[key];
    if (each === undefined) continue;
    const type = typeAt(map, key);
    if (type === undefined) continue;
    const { isMember, below } = mentioned(pool, type, each);
    const isNothing = each === null || (kindOf(each) === 'map' && isEmptyMap(each as Fields));
    builder.add(stepTo(pool, map, key), isMember || isNothing || !map.fields.has(key), below);
  }
  return builder.build(pool);
}

/** Elements that are there more than once are owned as a whole. */
function mentionedItems(pool: FieldSetPool, list: MergeList, items: readonly unknown[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const [text, values] of grouped(list, items)) {
    const below = values.length > 1 ? pool.empty : mentioned(pool, list.element, values[0]).below;
    builder.add(pool.element(text), true, below);
  }
  return builder.build(pool);
}

/** Every path below a value, the value's inner nodes included: what comes into being with it, or goes. */
export function wholeSet(pool: FieldSetPool, type: MergeType, value: unknown): FieldSet {
  if (typeof value !== 'object' || value === null) return pool.empty;
  switch (formOf(type, kindOf(value))) {
    case 'map': {
      const fields = asMap(value);
      return fields === undefined || type.map!.isAtomic ? pool.empty : wholeFields(pool, type.map!, fields);
    }
    case 'list': {
      const items = asList(value);
      return items === undefined || type.list!.isAtomic ? pool.empty : wholeItems(pool, type.list!, items);
    }
    case 'scalar':
      return pool.empty;
  }
}

function wholeFields(pool: FieldSetPool, map: MergeMap, value: Fields): FieldSet {
  const builder = new FieldSetBuilder();
  for (const key in value) {
    const each = value[key];
    if (each === undefined) continue;
    const field = map.fields.get(key);
    if (field === undefined && map.element === undefined) continue;
    const step = field?.step ?? pool.element(fieldText(key));
    // Most fields are scalars: nothing is below them, whatever their type.
    const below = typeof each === 'object' ? wholeSet(pool, (field?.type ?? map.element)!, each) : pool.empty;
    builder.add(step, true, below);
  }
  return builder.build(pool);
}

function wholeItems(pool: FieldSetPool, list: MergeList, items: readonly unknown[]): FieldSet {
  const builder = new FieldSetBuilder();
  const texts = distinctTexts(list, items);
  if (texts !== undefined) {
    for (let at = 0; at < texts.length; at++) {
      builder.add(pool.element(texts[at]!), true, wholeSet(pool, list.element, items[at]));
    }
    return builder.build(pool);
  }
  for (const [text, values] of grouped(list, items)) {
    const below = values.length > 1 ? pool.empty : wholeSet(pool, list.element, values[0]);
    builder.add(pool.element(text), true, below);
  }
  return builder.build(pool);
}

/** What tells the elements apart, where all can be; `undefined` for lists that are better grouped. */
function distinctTexts(list: MergeList, items: readonly unknown[]): readonly string[] | undefined {
  if (items.length > DISTINCT_ITEMS_MAX) return undefined;
  const texts: string[] = [];
  for (const item of items) {
    const text = stepText(list, item);
    if (text === undefined || texts.includes(text)) return undefined;
    texts.push(text);
  }
  return texts;
}

/** The elements by what tells them apart. @throws UntypedValue where there is nothing that does */
export function grouped(list: MergeList, items: readonly unknown[]): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>();
  for (const item of items) {
    const text = stepText(list, item);
    if (text === undefined) throw new UntypedValue();
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [item]);
    else group.push(item);
  }
  return groups;
}

/** The type of what a map holds at a key; `undefined` when it declares no such field. */
export const typeAt = (map: MergeMap, key: string): MergeType | undefined => map.fields.get(key)?.type ?? map.element;

export const stepTo = (pool: FieldSetPool, map: MergeMap, key: string): PathElement =>
  map.fields.get(key)?.step ?? pool.element(fieldText(key));

export const valueAt = (fields: Fields | undefined, key: string): unknown =>
  fields === undefined ? undefined : ownValue(fields, key);

/** The set with, besides, each declared field that has members below it. */
export function withNamedFields(pool: FieldSetPool, type: MergeType | undefined, set: FieldSet): FieldSet {
  const builder = new FieldSetBuilder();
  set.elements.forEach((step, at) => {
    const child = set.children[at];
    const name = step.text.startsWith('f:') ? step.text.slice(2) : undefined;
    const isNamed = child !== undefined && name !== undefined && type?.map?.fields.has(name) === true;
    const below = name === undefined ? elementType(type, step) : type?.map && typeAt(type.map, name);
    builder.add(step, set.members[at] === true || isNamed, child && withNamedFields(pool, below, child));
  });
  return builder.build(pool);
}

const elementType = (type: MergeType | undefined, { text }: PathElement): MergeType | undefined =>
  text.startsWith('k:') ? type?.list?.element : undefined;
