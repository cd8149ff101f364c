/**
 * Mirrors what Go makes of a JSON body: decoding into the typed struct and encoding that again. The result is a private copy
 * with exactly the schema's fields in the order of the struct, quantities and times in canonical form, zero structs filled
 * in, empty `omitempty` fields gone, and null where Go writes null (zero times, nil lists without `omitempty`).
 * A clean body is read in one pass; only when something is wrong does `diagnose` walk it again for Go's words.
 */
import type { JsonObject, JsonObjectDraft, JsonValue } from '../structure.js';
import { isJsonObject, setOwn } from '../structure.js';
import { DecodeError } from './decode-error.js';
import type { Findings } from './diagnose.js';
import { diagnose } from './diagnose.js';
import type { RepeatedMembers } from './json-text.js';
import { readLeaf, zeroOfLeaf } from './leaf.js';
import type { FieldSchema, FieldSlot, SchemaChoice, StructSchema, TypeSchema } from './schema.js';

/** More keys than these are sorted by the platform. */
const INSERTED_KEYS_MAX = 16;

export interface DecodeOptions {
  /** Whether unknown and repeated fields are reported; the unknown are dropped and the last of the repeated wins anyway. */
  readonly strict: boolean;
  /** What `parseJsonText` found repeated; without it, no repetition is reported. */
  readonly repeated?: RepeatedMembers;
}

export interface Decoded {
  readonly object: JsonObject;
  /** Paths of unknown fields in document order, such as `spec.containers[0].foo`; empty unless `strict`. */
  readonly unknown: readonly string[];
  /** Upstream's words for unknown and repeated fields, such as `unknown field "spec.foo"`; empty unless `strict`. */
  readonly warnings: readonly string[];
}

/** Throws a `DecodeError` with Go's message when a value does not fit its type. Null is read as an empty object, as Go does. */
export function decode(schema: StructSchema, value: unknown, options: DecodeOptions): Decoded {
  const { strict, repeated } = options;
  const pass: Pass = { strict, isClean: !strict || repeated === undefined || repeated.size === 0, depth: 0 };
  const object = readStruct(schema, value ?? NOTHING, pass);
  const found = pass.isClean ? NO_FINDINGS : diagnose(schema, value, strict, repeated);
  return { object, ...found };
}

/** The object as Go would encode it. For objects that the engine built itself; unknown fields go silently. */
export const normalise = (schema: StructSchema, object: unknown): JsonObject =>
  decode(schema, object, { strict: false }).object;

interface Pass {
  readonly strict: boolean;
  /** Becomes false at the first misfit or, when strict, unknown field. */
  isClean: boolean;
  /** How many structs are being read, each in the one before. */
  depth: number;
}

/** What the rules of schemas can be walked with; Go's stack has no end. */
const STRUCT_DEPTH_MAX = 400;

const NOTHING: JsonObject = Object.freeze({});
const NO_FINDINGS: Findings = Object.freeze({ unknown: Object.freeze([]), warnings: Object.freeze([]) });

/** Goes by the keys that are given, few beside those a struct has, and sorts what it read into the struct's order. */
function readStruct(schema: StructSchema, value: unknown, pass: Pass): JsonObject {
  if (!isJsonObject(value)) {
    pass.isClean = false;
    return {};
  }
  // Only types that hold themselves get so deep: schemas.
  if (++pass.depth > STRUCT_DEPTH_MAX) throw new DecodeError('exceeded max depth');
  const { slots, always } = schema.layout;
  const present: FieldSlot[] = [];
  const values: JsonValue[] = [];
  for (const key in value) {
    const given = value[key];
    if (given === undefined) continue;
    const slot = slots.get(key);
    if (slot === undefined) {
      if (pass.strict) pass.isClean = false;
    } else if (given !== null) {
      const { field } = slot;
      // Strings are what most fields are.
      const isText = typeof given === 'string' && field.type.kind === 'string';
      const read = isText ? given : readValue(field.type, given, pass);
      if (!isLeftOut(field, read)) insert(slot, read, present, values);
    }
  }
  pass.depth--;
  return assembled(always, present, values, pass);
}

function isLeftOut(field: FieldSchema, value: JsonValue): boolean {
  if (field.dropsEmpty) return isEmpty(value);
  // The zero time, or an empty choice. Go would write null for a pointer to one, and read that null as no pointer.
  return value === null && field.whenAbsent === 'nothing';
}

function insert(slot: FieldSlot, value: JsonValue, present: FieldSlot[], values: JsonValue[]): void {
  let at = present.length;
  for (; at > 0; at--) {
    const previous = present[at - 1];
    if (previous === undefined || previous.place < slot.place) break;
    present[at] = previous;
    values[at] = values[at - 1] ?? null;
  }
  present[at] = slot;
  values[at] = value;
}

/** The present fields and, between them, those that are encoded though absent. */
function assembled(
  always: readonly FieldSlot[],
  present: readonly FieldSlot[],
  values: readonly JsonValue[],
  pass: Pass,
): JsonObject {
  const draft: JsonObjectDraft = {};
  let next = 0;
  for (let at = 0; at < present.length; at++) {
    const slot = present[at];
    if (slot === undefined) continue;
    for (let absent = always[next]; absent !== undefined && absent.place <= slot.place; absent = always[++next]) {
      if (absent.place < slot.place) draft[absent.field.name] = zeroOfField(absent.field, pass);
    }
    draft[slot.field.name] = values[at] ?? null;
  }
  for (let absent = always[next]; absent !== undefined; absent = always[++next]) {
    draft[absent.field.name] = zeroOfField(absent.field, pass);
  }
  return draft;
}

/** A null for a field without a pointer decodes to the zero value, as an absent field does. */
const zeroOfField = (field: FieldSchema, pass: Pass): JsonValue =>
  field.whenAbsent === 'null' ? null : zeroOf(field.type, pass);

function isEmpty(value: JsonValue): boolean {
  if (typeof value !== 'object') return value === '' || value === 0 || value === false || value === 0n;
  if (value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}

function readValue(schema: TypeSchema, value: unknown, pass: Pass): JsonValue {
  switch (schema.kind) {
    case 'struct':
      return readStruct(schema, value, pass);
    case 'list':
      return readList(schema.element, value, pass);
    case 'map':
      return readMap(schema.value, value, pass);
    case 'schemaOrBoolean':
    case 'schemaOrSchemas':
    case 'schemaOrStrings':
      return readChoice(schema, value, pass);
    default: {
      const read = readLeaf(schema.kind, value);
      if (read !== undefined) return read;
      pass.isClean = false;
      return null;
    }
  }
}

function readList(element: TypeSchema, value: unknown, pass: Pass): JsonValue {
  if (!Array.isArray(value)) {
    pass.isClean = false;
    return null;
  }
  return value.map((each: unknown) => (each === null ? zeroOf(element, pass) : readValue(element, each, pass)));
}

/** Go encodes maps sorted by key. */
function readMap(schema: TypeSchema, value: unknown, pass: Pass): JsonValue {
  if (!isJsonObject(value)) {
    pass.isClean = false;
    return null;
  }
  const draft: JsonObjectDraft = {};
  for (const key of sorted(Object.keys(value))) {
    const given = value[key];
    if (given === undefined) continue;
    setOwn(draft, key, given === null ? zeroOf(schema, pass) : readValue(schema, given, pass));
  }
  return draft;
}

/** In place: most maps have few keys, and many come sorted. */
function sorted(keys: string[]): readonly string[] {
  if (keys.length > INSERTED_KEYS_MAX) return keys.sort();
  for (let at = 1; at < keys.length; at++) {
    const key = keys[at]!;
    let place = at;
    for (; place > 0 && keys[place - 1]! > key; place--) keys[place] = keys[place - 1]!;
    keys[place] = key;
  }
  return keys;
}

/** Inside such a value upstream decodes with a decoder of its own, which lets unknown fields pass. */
function readChoice(schema: SchemaChoice, value: unknown, pass: Pass): JsonValue {
  const inner: Pass = { strict: false, isClean: true, depth: pass.depth };
  const read = choose(schema, value, inner);
  if (!inner.isClean) pass.isClean = false;
  return read;
}

function choose({ kind, schema, alternative }: SchemaChoice, value: unknown, pass: Pass): JsonValue {
  if (isJsonObject(value)) return readValue(schema, value, pass);
  if (kind === 'schemaOrBoolean') return readValue(alternative, value, pass);
  if (!Array.isArray(value) || value.length === 0) return null;
  return readValue(alternative, value, pass);
}

function zeroOf(schema: TypeSchema, pass: Pass): JsonValue {
  switch (schema.kind) {
    case 'struct':
      return readStruct(schema, NOTHING, pass);
    case 'schemaOrBoolean':
      return false;
    case 'list':
    case 'map':
    case 'schemaOrSchemas':
    case 'schemaOrStrings':
      return null;
    default:
      return zeroOfLeaf(schema.kind);
  }
}
