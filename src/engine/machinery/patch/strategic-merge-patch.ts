/**
 * Mirrors apimachinery's `strategicpatch` as the API server uses it: merging into a stored object by the struct tags of its
 * type. Left out: making patches, and merging two of them. Where upstream panics (lists that begin with null), this answers as
 * for items of different types.
 */
import { goQuote, goStringFormat, goFormat, goTypeName } from '../go-text.js';
import { badRequest, genericInvalid, unknownError } from '../status-error.js';
import type { ParsedObject, ParsedValue } from '../structure.js';
import { isJsonArray, isJsonObject, isNestedDeeperThan, ownValue, setOwn, VALUE_DEPTH_MAX } from '../structure.js';
import { itemType, isOfMaps, noMergeKey, orderedItems, partition, scalarKey, wrongType } from './merge-order.js';
import type { MergeField, MergeSchema } from './merge-schema.js';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList';
const ELEMENT_ORDER = '$setElementOrder';

const BAD_RETAIN_KEYS = 'invalid patch format of retainKeys';
const BAD_ELEMENT_ORDER = 'invalid patch format of setElementOrder list';
const BAD_PRIMITIVE_LIST = 'invalid patch format of primitive list';

/**
 * The patched object, sharing all that the patch leaves alone: one that changes nothing gives the same object. Nulls and
 * directives inside of what is new to the object go as upstream lets them go. Throws a StatusError: 400 for a patch of the
 * wrong form, 422 for lists of lists, 500 without a reason for what upstream did not foresee, such as a missing merge key.
 */
export function applyStrategicMergePatch(
  schema: MergeSchema,
  original: ParsedObject,
  patch: ParsedValue,
): ParsedObject {
  if (patch === null) return original;
  if (!isJsonObject(patch)) {
    const found = isJsonArray(patch) ? 'array' : goTypeName(patch).replace(/^(int|float)64$/, 'number');
    throw badRequest(`json: cannot unmarshal ${found} into Go value of type map[string]interface {}`);
  }
  if (isNestedDeeperThan(patch, VALUE_DEPTH_MAX)) throw genericInvalid();
  return mergeObject(original, patch, schema);
}

function mergeObject(original: ParsedObject, patch: ParsedObject, schema: MergeSchema): ParsedObject {
  const directive = ownValue(patch, DIRECTIVE);
  if (directive !== undefined) return byDirective(directive, patch);
  const draft = new ObjectDraft(original);
  const pending = new Map(Object.entries(patch));
  retainKeys(draft, pending);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(ELEMENT_ORDER)) mergeInOrder(draft, pending, { key, schema });
  }
  for (const [key, change] of pending) mergeField(draft, { key, change, schema });
  return draft.value;
}

function byDirective(directive: ParsedValue, patch: ParsedObject): ParsedObject {
  if (directive === 'delete') return {};
  if (directive !== 'replace') throw badPatchType(directive, patch);
  const replacement = { ...patch };
  delete replacement[DIRECTIVE];
  return replacement;
}

/** `$retainKeys` names all fields that may remain; the patch may set no others. */
function retainKeys(draft: ObjectDraft, pending: Map<string, ParsedValue>): void {
  const retained = pending.get(RETAIN_KEYS);
  if (retained === undefined) return;
  pending.delete(RETAIN_KEYS);
  if (!isJsonArray(retained)) throw badRequest(BAD_RETAIN_KEYS);
  const names = new Set<unknown>(retained);
  for (const [key, change] of pending) {
    const isDirective = key.startsWith(DELETE_FROM_LIST) || key.startsWith(ELEMENT_ORDER);
    if (change !== null && !isDirective && !names.has(key)) throw badRequest(BAD_RETAIN_KEYS);
  }
  for (const key of Object.keys(draft.value)) if (!names.has(key)) draft.delete(key);
}

interface Change {
  readonly key: string;
  readonly schema: MergeSchema;
}

/** Merges a list together with its `$setElementOrder`; both are done with then. */
function mergeInOrder(draft: ObjectDraft, pending: Map<string, ParsedValue>, { key, schema }: Change): void {
  const order = pending.get(key) ?? null;
  pending.delete(key);
  if (!isJsonArray(order)) throw wrongType('[]interface {}', order);
  const name = keyAfter(key, ELEMENT_ORDER, BAD_ELEMENT_ORDER);
  const original = listOf(draft.get(name));
  const patch = listOf(pending.get(name));
  const field = fieldOf(schema, name);
  const strategy = strategyOf(field);
  const mergeKey = field.mergeKey ?? '';
  checkOrder(patch ?? [], order, mergeKey);
  if (original === undefined && patch === undefined) return;
  const merged =
    patch === undefined
      ? (original ?? [])
      : original === undefined
        ? withoutDirectives(patch)
        : mergeList(original, patch, { field, strategy, isDeleteList: false });
  const parts = partition(merged, order, mergeKey);
  const ofMaps = isOfMaps(itemType([original ?? [], patch ?? []]));
  draft.set(name, orderedItems(parts, { order, serverOrder: original ?? [], mergeKey: ofMaps ? mergeKey : undefined }));
  pending.delete(name);
}

/** The items that a patch sets must stand in the order list, in that order; deletions need not. */
function checkOrder(patch: readonly ParsedValue[], order: readonly ParsedValue[], mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return;
  const items = mergeKey === '' ? patch : patch.filter((item) => directiveOf(item) !== 'delete');
  let next = 0;
  for (let place = 0; place < order.length && next < items.length;) {
    const item = items[next] ?? null;
    if (directiveOf(item) !== undefined) {
      next++;
      continue;
    }
    if (hasSameKey(item, order[place] ?? null, mergeKey)) next++;
    place++;
  }
  if (next < items.length) {
    throw unknownError(
      `The order in patch list:\n${goFormat(patch)}\n doesn't match ${ELEMENT_ORDER} list:\n${goFormat(order)}\n`,
    );
  }
}

function hasSameKey(left: ParsedValue, right: ParsedValue, mergeKey: string): boolean {
  if (mergeKey === '') return scalarKey(left) === scalarKey(right);
  const [leftKey, rightKey] = [left, right].map((item) => {
    if (!isJsonObject(item)) throw wrongType('map[string]interface {}', item);
    const value = ownValue(item, mergeKey);
    if (value === undefined) throw noMergeKey(item, mergeKey);
    return scalarKey(value);
  });
  return leftKey === rightKey;
}

function mergeField(draft: ObjectDraft, { key, change, schema }: Change & { readonly change: ParsedValue }): void {
  const isDeleteList = key.startsWith(DELETE_FROM_LIST);
  const name = isDeleteList ? keyAfter(key, DELETE_FROM_LIST, BAD_PRIMITIVE_LIST) : key;
  if (change === null) return draft.delete(name);
  const original = draft.get(name);
  if (isJsonObject(original) && isJsonObject(change)) {
    const field = fieldOf(schema, name);
    const isReplaced = strategyOf(field) === 'replace';
    return draft.set(name, isReplaced ? change : mergeObject(original, change, field.schema));
  }
  if (isJsonArray(original) && isJsonArray(change)) {
    const field = fieldOf(schema, name);
    return draft.set(name, mergeList(original, change, { field, strategy: strategyOf(field), isDeleteList }));
  }
  if (isDeleteList && (original === undefined || goTypeName(original) !== goTypeName(change))) return;
  if (directiveOf(change) !== undefined) return draft.delete(name);
  draft.set(name, withoutDirectives(withoutNulls(change)));
}

interface ListMerge {
  readonly field: MergeField;
  readonly strategy: string;
  readonly isDeleteList: boolean;
}

function mergeList(
  original: readonly ParsedValue[],
  patch: readonly ParsedValue[],
  { field, strategy, isDeleteList }: ListMerge,
): readonly ParsedValue[] {
  if (strategy !== 'merge' && !isDeleteList) return patch;
  if (original.length === 0 && patch.length === 0) return original;
  const mergeKey = field.mergeKey ?? '';
  if (isOfMaps(itemType([original, patch]))) {
    if (mergeKey === '') throw unknownError(`cannot merge lists without merge key for ${field.schema.goKind}`);
    return mergeObjects(original.filter(isJsonObject), patch.filter(isJsonObject), { mergeKey, schema: field.schema });
  }
  if (isDeleteList) {
    const deleted = new Set(patch.map(scalarKey));
    return original.filter((item) => !deleted.has(scalarKey(item)));
  }
  const merged = [...new Map([...original, ...patch].map((item) => [scalarKey(item), item])).values()];
  return orderedItems(partition(merged, patch, ''), { order: patch, serverOrder: original, mergeKey: undefined });
}

function mergeObjects(
  original: readonly ParsedObject[],
  patch: readonly ParsedObject[],
  { mergeKey, schema }: { readonly mergeKey: string; readonly schema: MergeSchema },
): readonly ParsedValue[] {
  const { kept, changes } = applyItemDirectives(original, patch, mergeKey);
  const merged = [...kept];
  const places = new Map<string, number>();
  for (const [place, item] of kept.entries()) {
    const key = scalarKey(ownValue(item, mergeKey));
    if (!places.has(key)) places.set(key, place);
  }
  for (const change of changes) {
    const value = ownValue(change, mergeKey);
    if (value === undefined) throw noMergeKey(change, mergeKey);
    const place = places.get(scalarKey(value));
    const current = place === undefined ? undefined : merged[place];
    if (place === undefined || current === undefined) {
      places.set(scalarKey(value), merged.length);
      merged.push(change);
    } else {
      merged[place] = mergeObject(current, change, schema);
    }
  }
  return orderedItems(partition(merged, changes, mergeKey), { order: changes, serverOrder: kept, mergeKey });
}

/** `$patch` of single items: one `replace` among them drops all that was there. */
function applyItemDirectives(original: readonly ParsedObject[], patch: readonly ParsedObject[], mergeKey: string) {
  const changes: ParsedObject[] = [];
  const deleted = new Set<string>();
  let isReplaced = false;
  for (const item of patch) {
    const directive = directiveOf(item);
    if (directive === undefined) {
      changes.push(item);
    } else if (directive === 'delete') {
      const value = ownValue(item, mergeKey);
      if (value === undefined) throw noMergeKey(item, mergeKey);
      deleted.add(scalarKey(value));
    } else if (directive === 'replace') {
      isReplaced = true;
    } else if (directive === 'merge') {
      throw unknownError('merging lists cannot yet be specified in the patch');
    } else {
      throw badPatchType(directive, item);
    }
  }
  if (isReplaced) return { kept: changes, changes: [] };
  const kept = original.filter((item) => !deleted.has(scalarKey(ownValue(item, mergeKey))));
  return { kept, changes };
}

/** The strategy besides `retainKeys`, which says nothing about how to merge. */
function strategyOf({ strategies }: MergeField): string {
  const others = strategies.filter((each) => each !== 'retainKeys');
  if (others.length > 1) throw unknownError(`unexpected patch strategy: ${goFormat(strategies)}`);
  return others[0] ?? '';
}

function fieldOf(schema: MergeSchema, name: string): MergeField {
  if (schema.goKind !== 'struct') {
    throw unknownError(`merging an object in json but data type is not struct, instead is: ${schema.goKind}`);
  }
  const field = schema.field(name);
  if (field !== undefined) return field;
  throw unknownError(`unable to find api field in struct ${schema.name} for the json field ${goQuote(name)}`);
}

function keyAfter(key: string, prefix: string, fault: string): string {
  if (!key.startsWith(`${prefix}/`)) throw badRequest(fault);
  return key.slice(prefix.length + 1);
}

function listOf(value: ParsedValue | undefined): readonly ParsedValue[] | undefined {
  if (value === undefined || isJsonArray(value)) return value;
  throw wrongType('[]interface {}', value);
}

const directiveOf = (item: ParsedValue): ParsedValue | undefined =>
  isJsonObject(item) ? ownValue(item, DIRECTIVE) : undefined;

const badPatchType = (directive: ParsedValue, patch: ParsedObject) =>
  unknownError(`unknown patch type: ${goStringFormat(directive)} in map: ${goFormat(patch)}`);

function withoutNulls(value: ParsedValue): ParsedValue {
  if (isJsonArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const kept: Record<string, ParsedValue> = {};
  for (const [key, each] of Object.entries(value)) if (each !== null) setOwn(kept, key, withoutNulls(each));
  return kept;
}

function withoutDirectives(value: readonly ParsedValue[]): readonly ParsedValue[];
function withoutDirectives(value: ParsedValue): ParsedValue;
function withoutDirectives(value: ParsedValue): ParsedValue {
  if (isJsonArray(value)) {
    return value.filter((each) => directiveOf(each) === undefined).map((each) => withoutDirectives(each));
  }
  if (!isJsonObject(value)) return value;
  const kept: Record<string, ParsedValue> = {};
  for (const [key, each] of Object.entries(value)) {
    if (directiveOf(each) === undefined) setOwn(kept, key, withoutDirectives(each));
  }
  return kept;
}

/** An object that is copied when it is first changed. */
class ObjectDraft {
  readonly #original: ParsedObject;
  #copy: Record<string, ParsedValue> | undefined;

  constructor(original: ParsedObject) {
    this.#original = original;
  }

  get value(): ParsedObject {
    return this.#copy ?? this.#original;
  }

  get(key: string): ParsedValue | undefined {
    return ownValue(this.value, key);
  }

  set(key: string, value: ParsedValue): void {
    if (isSameValue(this.get(key), value)) return;
    this.#copy ??= { ...this.#original };
    setOwn(this.#copy, key, value);
  }

  delete(key: string): void {
    if (this.get(key) === undefined) return;
    this.#copy ??= { ...this.#original };
    delete this.#copy[key];
  }
}

/** Identical, or a list of identical items: only then nothing has changed. */
const isSameValue = (current: ParsedValue | undefined, value: ParsedValue): boolean =>
  current === value ||
  (isJsonArray(current) &&
    isJsonArray(value) &&
    current.length === value.length &&
    current.every((item, index) => item === value[index]));
