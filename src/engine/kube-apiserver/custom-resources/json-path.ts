/**
 * JSONPath as Kubernetes has it, of one expression: fields, wildcards, descent, slices, unions, filters and constants.
 * Mirrors client-go's `jsonpath`. Left out: ranges and text around expressions, which a path in a definition cannot have.
 */
import { goFormat, goJson } from '../../machinery/go-text.js';
import { isJsonArray, isJsonObject, ownValue, type JsonValue } from '../../machinery/structure.js';
import { sortedKeys } from './sorted-keys.js';
import { compareByOperator, type Operator } from './json-path-comparison.js';

export type PathNode =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'wildcard' | 'descent' }
  | { readonly type: 'slice'; readonly start: number | undefined; readonly end: SliceEnd; readonly step: number }
  | { readonly type: 'union'; readonly paths: readonly (readonly PathNode[])[] }
  | { readonly type: 'constant'; readonly value: JsonValue }
  | { readonly type: 'exists'; readonly path: readonly PathNode[] }
  | {
      readonly type: 'filter';
      readonly left: readonly PathNode[];
      readonly operator: Operator;
      readonly right: readonly PathNode[];
    };

/** `next` is a single element: the end lies one behind the start. */
export type SliceEnd = number | 'next' | undefined;

/** The path cannot be followed in this value: an element of what is no list, say. */
export class JsonPathMismatch extends Error {
  override readonly name = 'JsonPathMismatch';
}

/** What the path finds; nothing for fields that are not there. @throws JsonPathMismatch */
export function findByPath(path: readonly PathNode[], value: JsonValue): readonly JsonValue[] {
  let found: readonly JsonValue[] = [value];
  for (const node of path) found = follow(node, found);
  return found;
}

function follow(node: PathNode, values: readonly JsonValue[]): readonly JsonValue[] {
  switch (node.type) {
    case 'field':
      return values.flatMap((value) => {
        const found = isJsonObject(value) ? ownValue(value, node.name) : undefined;
        return found === undefined ? [] : [found];
      });
    case 'wildcard':
      return values.flatMap(partsOf);
    case 'descent':
      return values.flatMap(withAllBelow);
    case 'slice':
      return values.flatMap((value) => sliceOf(value, node));
    case 'union':
      return node.paths.flatMap((path) => values.flatMap((value) => findByPath(path, value)));
    case 'constant':
      return values.map(() => node.value);
    case 'exists':
      return values.flatMap(listOf).filter((each) => findByPath(node.path, each).length > 0);
    case 'filter':
      return values.flatMap(listOf).filter((each) => passes(node, each));
  }
}

function partsOf(value: JsonValue): readonly JsonValue[] {
  if (isJsonArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function withAllBelow(value: JsonValue): readonly JsonValue[] {
  const parts = partsOf(value);
  return parts.length === 0 ? [] : [value, ...parts.flatMap(withAllBelow)];
}

function listOf(value: JsonValue): readonly JsonValue[] {
  if (isJsonArray(value)) return value;
  throw new JsonPathMismatch('not a list');
}

function sliceOf(value: JsonValue, { start, end, step }: PathNode & { type: 'slice' }): readonly JsonValue[] {
  if (value === null) return [];
  const list = listOf(value);
  const { length } = list;
  const given = start ?? 0;
  const first = given < 0 ? given + length : given;
  const wanted = end === 'next' ? given + 1 : (end ?? length);
  const last = wanted < 0 || (wanted === 0 && end === 'next') ? wanted + length : wanted;
  if (first === last) return [];
  if (first < 0 || first >= length || last < 0 || last > length || first > last || step <= 0) {
    throw new JsonPathMismatch('array index out of bounds');
  }
  return list.slice(first, last).filter((_, index) => index % step === 0);
}

function passes({ left, operator, right }: PathNode & { type: 'filter' }, item: JsonValue): boolean {
  const [lefts, rights] = [findByPath(left, item), findByPath(right, item)];
  const [one, other] = [lefts[0], rights[0]];
  if (one === undefined || other === undefined) return false;
  if (lefts.length > 1 || rights.length > 1) throw new JsonPathMismatch('can only compare one element at a time');
  const result = compareByOperator(one, operator, other);
  if (result === undefined) throw new JsonPathMismatch('incompatible types for comparison');
  return result;
}

/** A found value as text. */
export function printedByPath(value: JsonValue): string {
  if (value === null) return '<no value>';
  return typeof value === 'object' ? goJson(sortedKeys(value)) : goFormat(value);
}
