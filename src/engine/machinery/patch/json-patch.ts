/**
 * Mirrors RFC 6902 as upstream's library (evanphx/json-patch 4) applies it: negative indexes count from the end, `replace` makes
 * a missing field, an absent value is null, a path need not start with a slash. Left out: its words, which no client ever sees.
 */
import { deepEqual } from '../equality.js';
import { byteLength, goJson } from '../go-text.js';
import { NumberLiteral } from '../schema/number-literal.js';
import { badRequest, genericInvalid, requestEntityTooLarge } from '../status-error.js';
import type { ParsedObject, ParsedValue } from '../structure.js';
import { isJsonArray, isJsonObject, isNestedDeeperThan, ownValue, setOwn, VALUE_DEPTH_MAX } from '../structure.js';

export const JSON_PATCH_OPERATIONS_MAX = 10_000;
/** What all `copy` operations of one patch may copy, in bytes of JSON. */
const COPIED_BYTES_MAX = 3 * 1_024 * 1_024;
/** Places that list operations of one patch may shift: a request holds the process no longer than that takes. */
const SHIFTED_PLACES_MAX = 20_000_000;

const OPERATION_FIELDS = ['op', 'path', 'from', 'value'];
const INDEX = /^[+-]?\d{1,15}$/;

/**
 * The patched document, sharing all that the patch leaves alone. Throws a StatusError: 400 for what is no list of operations,
 * 413 for too many, 422 without further words when an operation or a test fails.
 */
export function applyJsonPatch(document: ParsedValue, patch: ParsedValue): ParsedValue {
  const operations = operationsOf(patch);
  if (operations.length > JSON_PATCH_OPERATIONS_MAX) {
    const limit = `The allowed maximum operations in a JSON patch is ${JSON_PATCH_OPERATIONS_MAX}`;
    throw requestEntityTooLarge(`${limit}, got ${operations.length}`);
  }
  if (isNestedDeeperThan(patch, VALUE_DEPTH_MAX)) throw genericInvalid();
  const patching = new Patching(document);
  for (const operation of operations) patching.apply(operation ?? {});
  return patching.document;
}

/** Paths of fields that operations do not have, such as `[0].extra`: the strict errors of a JSON patch. */
export const unknownJsonPatchFields = (patch: ParsedValue): readonly string[] =>
  operationsOf(patch).flatMap((operation, index) =>
    Object.keys(operation ?? {})
      .filter((key) => !OPERATION_FIELDS.includes(key))
      .map((key) => `[${index}].${key}`),
  );

function operationsOf(patch: ParsedValue): readonly (ParsedObject | undefined)[] {
  if (patch === null) return [];
  if (!isJsonArray(patch)) throw undecodable(patch, 'Go value of type []handlers.jsonPatchOp');
  return patch.map((operation) => {
    if (operation === null) return undefined;
    if (!isJsonObject(operation)) throw undecodable(operation, 'Go value of type handlers.jsonPatchOp');
    for (const field of ['op', 'path', 'from']) {
      const value = ownValue(operation, field) ?? null;
      if (value === null || typeof value === 'string') continue;
      throw undecodable(value, `Go struct field jsonPatchOp.${field} of type string`);
    }
    return operation;
  });
}

const undecodable = (value: ParsedValue, target: string) =>
  badRequest(`error decoding patch: json: cannot unmarshal ${jsonTypeName(value)} into ${target}`);

function jsonTypeName(value: ParsedValue): string {
  if (isJsonArray(value)) return 'array';
  if (isJsonObject(value)) return 'object';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'number';
}

type Container = Record<string, ParsedValue> | ParsedValue[];

/** One run over one document. Containers are copied when first written to and are this run's own from then on. */
class Patching {
  document: ParsedValue;
  #own = new Set<object>();
  #copiedBytes = 0;
  #shiftedPlaces = 0;

  constructor(document: ParsedValue) {
    this.document = document;
  }

  apply(operation: ParsedObject): void {
    const path = text(operation, 'path');
    const value = ownValue(operation, 'value') ?? null;
    switch (ownValue(operation, 'op')) {
      case 'add':
        return this.#add(path, value);
      case 'remove':
        return this.#remove(path);
      case 'replace':
        return this.#replace(path, value);
      case 'move': {
        const moved = this.#get(text(operation, 'from'));
        this.#remove(text(operation, 'from'));
        return this.#add(path, moved ?? null);
      }
      case 'copy':
        return this.#copy(text(operation, 'from'), path);
      case 'test':
        return this.#test(path, operation);
      default:
        throw genericInvalid();
    }
  }

  #add(path: string, value: ParsedValue): void {
    const { container, key } = this.#writable(path);
    if (!Array.isArray(container)) return setOwn(container, key, value);
    const index = key === '-' ? container.length : indexOf(key, container.length + 1);
    this.#countShift(container.length - index);
    container.splice(index, 0, value);
  }

  #remove(path: string): void {
    const { container, key } = this.#writable(path);
    if (Array.isArray(container)) {
      const index = indexOf(key, container.length);
      this.#countShift(container.length - index);
      container.splice(index, 1);
    } else {
      if (!Object.hasOwn(container, key)) throw genericInvalid();
      delete container[key];
    }
  }

  #replace(path: string, value: ParsedValue): void {
    if (path === '') {
      if (!isJsonObject(value) && !isJsonArray(value)) throw genericInvalid();
      this.document = value;
      return;
    }
    const { container, key } = this.#writable(path);
    if (Array.isArray(container)) container[indexOf(key, container.length)] = value;
    else setOwn(container, key, value);
  }

  #copy(from: string, path: string): void {
    const value = this.#get(from) ?? null;
    if (value !== null) this.#copiedBytes += byteLength(goJson(value));
    if (this.#copiedBytes > COPIED_BYTES_MAX) throw genericInvalid();
    // From now on the value stands in two places: nothing may be written in place any more.
    this.#own = new Set();
    this.#add(path, value);
  }

  #test(path: string, operation: ParsedObject): void {
    const expected = ownValue(operation, 'value');
    const actual = path === '' ? this.document : (this.#get(path) ?? null);
    if (actual === null ? (expected ?? null) !== null : !deepEqual(actual, expected)) throw genericInvalid();
  }

  /** `undefined` for a field that is absent; a place that is not there in a list, or a parent that is not, fails. */
  #get(path: string): ParsedValue | undefined {
    const { parents, key } = split(path);
    let value = this.document;
    for (const parent of parents) value = child(value, parent) ?? null;
    return child(value, key);
  }

  #writable(path: string): { readonly container: Container; readonly key: string } {
    const { parents, key } = split(path);
    let container = this.#ownContainer(this.document);
    this.document = container;
    for (const parent of parents) {
      const next = this.#ownContainer(child(container, parent) ?? null);
      if (Array.isArray(container)) container[indexOf(parent, container.length)] = next;
      else setOwn(container, parent, next);
      container = next;
    }
    return { container, key };
  }

  #ownContainer(value: ParsedValue): Container {
    if (this.#own.has(value as object)) return value as Container;
    if (isJsonArray(value)) this.#countShift(value.length);
    const copy: Container | undefined = isJsonArray(value)
      ? [...value]
      : isJsonObject(value)
        ? { ...value }
        : undefined;
    if (copy === undefined) throw genericInvalid();
    this.#own.add(copy);
    return copy;
  }

  #countShift(places: number): void {
    this.#shiftedPlaces += places;
    if (this.#shiftedPlaces > SHIFTED_PLACES_MAX) throw genericInvalid();
  }
}

function text(operation: ParsedObject, field: string): string {
  const value = ownValue(operation, field);
  if (typeof value !== 'string') throw genericInvalid();
  return value;
}

/** What stands before the first slash does not count. */
function split(path: string): { readonly parents: readonly string[]; readonly key: string } {
  const tokens = path
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const key = tokens.pop();
  if (key === undefined) throw genericInvalid();
  return { parents: tokens, key };
}

function child(container: ParsedValue, key: string): ParsedValue | undefined {
  if (container instanceof NumberLiteral) throw genericInvalid();
  if (isJsonArray(container)) return container[indexOf(key, container.length)];
  if (isJsonObject(container)) return ownValue(container, key);
  throw genericInvalid();
}

function indexOf(key: string, length: number): number {
  if (!INDEX.test(key)) throw genericInvalid();
  const given = Number(key);
  const index = given < 0 ? given + length : given;
  if (index < 0 || index >= length) throw genericInvalid();
  return index;
}
