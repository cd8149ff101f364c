import { setOwn } from '../structure.js';
import type { FieldSet } from './field-set.js';
import { typeAt, valueAt } from './field-sets.js';
import type { MergeList, MergeMap, MergeType } from './merge-type.js';
import { fieldText } from './path-element.js';
import { asList, asMap, formOf, identify, isEmptyMap, kindOf, type Fields } from './typed-value.js';

/**
 * The live value with what an applied one says, part by part: lists with keys by their elements, in the order of the applied
 * list where it has a say. Mirrors structured-merge-diff's Merge. `undefined` is an absent value.
 */
export function merge(type: MergeType, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  const [liveKind, kind] = [kindOf(live), kindOf(applied)];
  const form = formOf(type, kind === 'null' && liveKind !== 'absent' ? liveKind : kind);
  if (form === 'map') {
    const map = type.map!;
    const [before, after] = [asMap(live), asMap(applied)];
    if (map.isAtomic || (isEmptyMap(before) && isEmptyMap(after))) return applied;
    return mergeFields(map, before, after);
  }
  if (form === 'list') {
    const list = type.list!;
    const [before, after] = [asList(live) ?? [], asList(applied) ?? []];
    if (list.isAtomic || before.length + after.length === 0) return applied;
    return mergeItems(list, before, after);
  }
  return applied;
}

function mergeFields(map: MergeMap, live: Fields | undefined, applied: Fields | undefined): Fields | undefined {
  const merged: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(live ?? {}), ...Object.keys(applied ?? {})])) {
    const type = typeAt(map, key);
    if (type === undefined) continue;
    const value = merge(type, valueAt(live, key), valueAt(applied, key));
    if (value !== undefined) setOwn(merged, key, value);
  }
  return isEmptyMap(merged) ? undefined : merged;
}

interface Indexed {
  readonly texts: readonly string[];
  /** Doubled elements are null here: they are not merged with a new one. */
  readonly items: ReadonlyMap<string, unknown>;
}

function indexed(list: MergeList, items: readonly unknown[]): Indexed {
  const texts: string[] = [];
  const known = new Map<string, unknown>();
  for (const item of items) {
    const { text } = identify(list, item);
    if (text === undefined) continue;
    known.set(text, known.has(text) ? null : item);
    texts.push(text);
  }
  return { texts, items: known };
}

function mergeItems(
  list: MergeList,
  live: readonly unknown[],
  applied: readonly unknown[],
): readonly unknown[] | undefined {
  const [before, after] = [indexed(list, live), indexed(list, applied)];
  const shared = after.texts.filter((text) => before.items.has(text));
  const merged: unknown[] = [];
  const done = new Set<string>();
  let nextShared = shared.shift();
  const take = (text: string, old: unknown, value: unknown): void => {
    const item = merge(list.element, old, value);
    if (item !== undefined) merged.push(item);
    if (value !== undefined) done.add(text);
  };
  for (let left = 0, right = 0; left < before.texts.length || right < after.texts.length;) {
    const [old, value] = [before.texts[left], after.texts[right]];
    if (old !== undefined && value !== undefined) {
      if (old === value) {
        take(old, before.items.get(old), after.items.get(old));
        left++;
        right++;
        nextShared = shared.shift();
        continue;
      }
      // Both have it, but its turn is later.
      if (after.items.has(old) && nextShared !== undefined && nextShared !== old) {
        left++;
        continue;
      }
    }
    if (old !== undefined) {
      if (!after.items.has(old)) {
        take(old, live[left], undefined);
        left++;
        continue;
      }
      if (done.has(old)) left++;
    }
    if (value !== undefined) {
      take(value, before.items.get(value), after.items.get(value));
      right++;
      if (nextShared === value) nextShared = shared.shift();
    }
  }
  return merged.length > 0 ? merged : undefined;
}

/** The value without the members of a set. What becomes empty is null, as upstream leaves it to the decoder. */
export function without(type: MergeType, value: unknown, set: FieldSet): unknown {
  switch (formOf(type, kindOf(value))) {
    case 'scalar':
      return value;
    case 'list': {
      const items = asList(value);
      if (items === undefined || items.length === 0 || type.list!.isAtomic) return null;
      const left = withoutItems(type.list!, items, set);
      return left.length > 0 ? left : null;
    }
    case 'map': {
      const fields = asMap(value);
      if (fields === undefined || isEmptyMap(fields) || type.map!.isAtomic) return null;
      const left = withoutFields(type.map!, fields, set);
      return isEmptyMap(left) ? null : left;
    }
  }
}

function withoutItems(list: MergeList, items: readonly unknown[], set: FieldSet): readonly unknown[] {
  const left: unknown[] = [];
  for (const item of items) {
    const { isMember, below } = partOf(set, identify(list, item).text ?? '');
    if (!isMember) left.push(below === undefined ? item : without(list.element, item, below));
  }
  return left;
}

function withoutFields(map: MergeMap, fields: Fields, set: FieldSet): Fields {
  const left: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    const { isMember, below } = partOf(set, fieldText(key));
    if (isMember || value === undefined) continue;
    const type = typeAt(map, key);
    setOwn(left, key, below === undefined || type === undefined ? value : without(type, value, below));
  }
  return left;
}

function partOf(set: FieldSet, text: string): { readonly isMember: boolean; readonly below: FieldSet | undefined } {
  const at = set.elements.findIndex((step) => step.text === text);
  return { isMember: set.members[at] ?? false, below: set.children[at] };
}
