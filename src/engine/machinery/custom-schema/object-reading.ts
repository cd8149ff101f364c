/**
 * Mirrors how apiextensions reads a custom resource: its metadata as any object's, the rest by the structural schema, which
 * prunes. Numbers become what Go's unstructured objects hold: int64 or float64.
 */
import { schemaOf } from '../schema/built-in-schemas.js';
import { decode, type Decoded } from '../schema/decode.js';
import { DecodeError } from '../schema/decode-error.js';
import { NumberLiteral } from '../schema/number-literal.js';
import type { StructSchema } from '../schema/schema.js';
import { assert } from '../../kernel/assert.js';
import {
  isJsonArray,
  isJsonObject,
  setOwn,
  VALUE_DEPTH_MAX,
  type JsonObject,
  type JsonObjectDraft,
  type JsonValue,
  type ParsedValue,
} from '../structure.js';
import { mapFields, mapItems } from './changed-copy.js';
import { objectWithoutRefusedNulls } from './defaulting.js';
import { prunedObject } from './pruning.js';
import { schemaOfField, type StructuralSchema } from './structural-schema.js';

const INTEGER = /^-?\d+$/;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** The type of every object's metadata. */
export function metadataSchema(): StructSchema {
  const schema = schemaOf('k8s.io/apimachinery/pkg/apis/meta/v1.ObjectMeta');
  assert(schema.kind === 'struct', 'metadata is a struct');
  return schema;
}

/**
 * Reads an object that a client sent. `schema` is `undefined` for a version that the definition does not have, which knows no
 * field. The result is private but for parts that nobody may write to. @throws DecodeError in Go's words
 */
export function readCustomObject(value: ParsedValue, schema: StructuralSchema | undefined, isStrict: boolean): Decoded {
  const plain = plainValue(value);
  if (!isJsonObject(plain)) throw new DecodeError('unable to decode into an object');
  const given = plain['metadata'];
  const metadata = given === undefined ? undefined : readMetadata(given, isStrict);
  const { object, unknown } = prunedObject(plain, schema, isStrict);
  const nulled = objectWithoutRefusedNulls(object, schema);
  const embedded = new EmbeddedReading(isStrict);
  const coerced = schema?.hasEmbedded === true ? embedded.fields(nulled, schema, '') : nulled;
  const draft: JsonObjectDraft = { ...coerced };
  draft['metadata'] = metadata?.object ?? {};
  const paths = [
    ...(metadata?.unknown ?? []).map((path) => `metadata.${path}`),
    ...unknown,
    ...embedded.unknown.toSorted(),
  ];
  return { object: draft, unknown: paths, warnings: [] };
}

/** A stored object as the schema has it now: nothing of what the schema does not know is shown. */
export function coercedObject(object: JsonObject, schema: StructuralSchema): JsonObject {
  return objectWithoutRefusedNulls(prunedObject(object, schema, false).object, schema);
}

const readMetadata = (value: JsonValue, strict: boolean): Decoded => decode(metadataSchema(), value, { strict });

/** The metadata of resources inside of others is read as strictly as that of the whole. */
class EmbeddedReading {
  readonly unknown: string[] = [];
  readonly #isStrict: boolean;

  constructor(isStrict: boolean) {
    this.#isStrict = isStrict;
  }

  fields(object: JsonObject, schema: StructuralSchema, path: string): JsonObject {
    return mapFields(object, (value, name) => {
      const inner = path === '' ? name : `${path}.${name}`;
      const read = schema.isEmbedded ? this.#typeField(value, name, inner) : value;
      return this.#value(read, schemaOfField(schema, name), inner);
    });
  }

  #value(value: JsonValue, schema: StructuralSchema | undefined, path: string): JsonValue {
    if (schema === undefined) return value;
    if (isJsonObject(value)) return this.fields(value, schema, path);
    if (!isJsonArray(value)) return value;
    return mapItems(value, (each, index) => this.#value(each, schema.items, `${path}[${index}]`));
  }

  #typeField(value: JsonValue, name: string, path: string): JsonValue {
    if (name === 'apiVersion' || name === 'kind') {
      if (typeof value === 'string') return value;
      throw new DecodeError(`${path}: Invalid value: ${JSON.stringify(value)}: must be a string`);
    }
    if (name !== 'metadata') return value;
    const { object, unknown } = this.#metadata(value, path);
    this.unknown.push(...unknown.map((each) => `${path}.${each}`));
    return object;
  }

  #metadata(value: JsonValue, path: string): Decoded {
    try {
      return readMetadata(value, this.#isStrict);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new DecodeError(`${path}: Invalid value: ${JSON.stringify(value)}: ${error.message}`);
    }
  }
}

/** Shares what holds no number of a special spelling. @throws DecodeError beyond the nesting that the engine keeps */
function plainValue(value: ParsedValue, depth = 0): JsonValue {
  if (value instanceof NumberLiteral) return plainNumber(value.text);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= VALUE_DEPTH_MAX) throw new DecodeError('exceeded max depth');
  if (Array.isArray(value)) {
    const items = value as readonly ParsedValue[];
    let copy: JsonValue[] | undefined;
    for (const [index, each] of items.entries()) {
      const plain = plainValue(each, depth + 1);
      if (plain !== each) (copy ??= [...(items as readonly JsonValue[])])[index] = plain;
    }
    return copy ?? (items as readonly JsonValue[]);
  }
  let copy: JsonObjectDraft | undefined;
  for (const [name, each] of Object.entries(value as Readonly<Record<string, ParsedValue>>)) {
    const plain = plainValue(each, depth + 1);
    if (plain !== each) setOwn((copy ??= { ...(value as JsonObject) }), name, plain);
  }
  return copy ?? (value as JsonObject);
}

function plainNumber(text: string): JsonValue {
  if (!INTEGER.test(text)) return Number(text);
  const integer = BigInt(text);
  if (integer > INT64_MAX || integer < INT64_MIN) return Number(text);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}
