/** Mirrors apiextensions' `ValidateListSetsAndMaps`: elements of sets, and of lists with keys, must differ. */
import { duplicate, invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonObjectDraft,
  type JsonValue,
} from '../../machinery/structure.js';
import type { StructuralSchema } from './structural-schema.js';

export function checkListTypes(report: Report, path: string, value: JsonValue, schema: StructuralSchema): void {
  if (!schema.hasListTypes) return;
  if (isJsonArray(value)) return checkList(report, path, value, schema);
  if (!isJsonObject(value)) return;
  const { additional } = schema;
  const names = Object.keys(value).sort();
  for (const name of typeof additional === 'object' ? names : []) {
    checkListTypes(report, `${path}[${name}]`, value[name] ?? null, additional as StructuralSchema);
  }
  for (const name of names) {
    const property = schema.properties.get(name);
    const inner = path === '' ? name : `${path}.${name}`;
    if (property !== undefined) checkListTypes(report, inner, value[name] ?? null, property);
  }
}

function checkList(report: Report, path: string, list: readonly JsonValue[], schema: StructuralSchema): void {
  const listType = schema.source['x-kubernetes-list-type'];
  if (listType === 'set') {
    for (const index of repeated(list)) report(duplicate(`${path}[${index}]`, list[index]));
  } else if (listType === 'map') {
    checkKeyed(report, path, list, schema.source['x-kubernetes-list-map-keys'] ?? []);
  }
  const { items } = schema;
  if (items !== undefined) list.forEach((each, index) => checkListTypes(report, `${path}[${index}]`, each, items));
}

function checkKeyed(report: Report, path: string, list: readonly JsonValue[], names: readonly string[]): void {
  const wrong = list.findIndex((each) => each !== null && !isJsonObject(each));
  if (wrong >= 0) {
    const detail = 'must be an object for an array of list-type map';
    return report(invalid(`${path}[${wrong}]`, list[wrong], detail));
  }
  const keys = list.map((each) => keysOf(each, names));
  for (const index of repeated(keys)) report(duplicate(`${path}[${index}]`, keys[index]));
}

/** Sorted by name, as Go prints them. */
function keysOf(item: JsonValue, names: readonly string[]): JsonObject {
  const keys: JsonObjectDraft = {};
  if (!isJsonObject(item)) return keys;
  for (const name of names.toSorted()) {
    const value = item[name];
    if (value !== undefined) keys[name] = value;
  }
  return keys;
}

/** Where each value that is there more than once comes for the second time. */
function repeated(values: readonly JsonValue[]): readonly number[] {
  if (values.length <= 1) return [];
  const counts = new Map<string, number>();
  const places: number[] = [];
  for (const [index, value] of values.entries()) {
    const text = textOf(value);
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    if (count === 2) places.push(index);
  }
  return places;
}

function textOf(value: JsonValue): string {
  if (typeof value === 'bigint') return String(value);
  if (isJsonArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${textOf(value[name] ?? null)}`).join(',')}}`;
}
