import type { MergeList, MergeType } from './merge-type.js';
import { keyText, valueText, type KeyFields, type KeyValue } from './path-element.js';

/** A JSON object, seen by server-side apply. */
export type Fields = Readonly<Record<string, unknown>>;

type ValueKind = 'absent' | 'null' | 'scalar' | 'list' | 'map';

export function kindOf(value: unknown): ValueKind {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (typeof value !== 'object') return 'scalar';
  return Array.isArray(value) ? 'list' : 'map';
}

/** Which of a type's forms a value has: its own where the type allows that, else the type's first. */
export function formOf(type: MergeType, kind: ValueKind): 'map' | 'scalar' | 'list' {
  if (kind === 'scalar' && type.scalar !== undefined) return 'scalar';
  if (kind === 'list' && type.list !== undefined) return 'list';
  if (kind === 'map' && type.map !== undefined) return 'map';
  if (type.map !== undefined) return 'map';
  return type.scalar === undefined ? 'list' : 'scalar';
}

export const asMap = (value: unknown): Fields | undefined => (kindOf(value) === 'map' ? (value as Fields) : undefined);

export const asList = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) ? (value as readonly unknown[]) : undefined;

export function isEmptyMap(map: Fields | undefined): boolean {
  if (map === undefined) return true;
  for (const key in map) if (map[key] !== undefined) return false;
  return true;
}

/** What an element of a list with keys, or of a set, is told apart by. */
type Identified = { readonly text: string; readonly fault?: never } | { readonly fault: string; readonly text?: never };

/** An element that nothing tells apart: the object is of no type, and nobody can be said to own its fields. */
export class UntypedValue extends Error {
  override readonly name = 'UntypedValue';
}

/** Strings that stand in JSON as they are. */
const PLAIN = /^[\w./-]*$/;

/** The text of the step to an element; `undefined` when it cannot be told apart. */
export function stepText(list: MergeList, item: unknown): string | undefined {
  if (list.keyPrefix !== undefined && typeof item === 'object' && item !== null) {
    const value = (item as Fields)[list.keys[0]!.name];
    if (typeof value === 'string' && PLAIN.test(value)) return `${list.keyPrefix}${value}"}`;
  }
  return plainKeysText(list, item) ?? identify(list, item).text;
}

/** The text where an element has several keys and all of them are plain: ports, mostly. */
function plainKeysText({ sortedKeys }: MergeList, item: unknown): string | undefined {
  if (sortedKeys === undefined || typeof item !== 'object' || item === null) return undefined;
  let text = 'k:{';
  for (const { name, label } of sortedKeys) {
    const value = (item as Fields)[name];
    if (typeof value === 'number' && Number.isSafeInteger(value)) text += `${label}${value}`;
    else if (typeof value === 'string' && PLAIN.test(value)) text += `${label}"${value}"`;
    else return undefined;
  }
  return `${text}}`;
}

export function identify(list: MergeList, item: unknown): Identified {
  return list.keys.length > 0 ? identifyByKeys(list, item) : identifyByValue(item);
}

function identifyByKeys({ keys }: MergeList, item: unknown): Identified {
  if (item === null) return { fault: 'associative list with keys may not have a null element' };
  const map = asMap(item);
  if (map === undefined) return { fault: 'associative list with keys may not have non-map elements' };
  const found: (readonly [string, KeyValue])[] = [];
  for (const { name, default: standard } of keys) {
    const given = Object.hasOwn(map, name) ? map[name] : undefined;
    const value = given === undefined ? standard : given;
    if (value !== undefined) found.push([name, value as KeyValue]);
  }
  if (found.length === 0) {
    const names = keys.map(({ name }) => JSON.stringify(name)).join(' ');
    const fault = `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`;
    return { fault };
  }
  return { text: keyText(found.length > 1 ? sorted(found) : found) };
}

const sorted = (fields: (readonly [string, KeyValue])[]): KeyFields => fields.sort(([a], [b]) => (a < b ? -1 : 1));

function identifyByValue(item: unknown): Identified {
  switch (kindOf(item)) {
    case 'map':
      return { fault: "associative list without keys has an element that's a map type" };
    case 'list':
      return { fault: 'not supported: associative list with lists as elements' };
    case 'null':
      return { fault: "associative list without keys has an element that's an explicit null" };
    default:
      return { text: valueText(item) };
  }
}
