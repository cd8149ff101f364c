import { typeAt } from './field-sets.js';
import type { MergeList, MergeMap, MergeType } from './merge-type.js';
import { formOf, identify, kindOf, type Fields } from './typed-value.js';

/** Whether a value is of the type; list elements may be doubled, as in what others than apply write. */
export function conforms(type: MergeType, value: unknown): boolean {
  const kind = kindOf(value);
  if (kind === 'null' || kind === 'absent') return true;
  const form = formOf(type, kind);
  if (form !== kind) return false;
  switch (form) {
    case 'map':
      return fieldsConform(type.map!, value as Fields);
    case 'list':
      return itemsConform(type.list!, value as readonly unknown[]);
    case 'scalar':
      return scalarConforms(type, value);
  }
}

function scalarConforms({ scalar }: MergeType, value: unknown): boolean {
  switch (scalar) {
    case 'string':
      return typeof value === 'string';
    case 'numeric':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return true;
  }
}

function fieldsConform(map: MergeMap, fields: Fields): boolean {
  for (const key in fields) {
    const type = typeAt(map, key);
    if (type === undefined || !conforms(type, fields[key])) return false;
  }
  return true;
}

function itemsConform(list: MergeList, items: readonly unknown[]): boolean {
  for (const item of items) {
    if (!list.isAtomic && identify(list, item).fault !== undefined) return false;
    if (!conforms(list.element, item)) return false;
  }
  return true;
}
