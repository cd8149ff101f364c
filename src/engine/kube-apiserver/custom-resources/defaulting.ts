/** Mirrors apiextensions' defaulting: what is absent, or null where it may not be, gets the schema's default. */
import {
  isJsonArray,
  isJsonObject,
  setOwn,
  type JsonObject,
  type JsonObjectDraft,
  type JsonValue,
} from '../../machinery/structure.js';
import { mapFields, mapItems } from './changed-copy.js';
import { schemaOfField, type StructuralSchema } from './structural-schema.js';

/** The value with its defaults; it shares what needs none, and the defaults are the schema's own. */
export function defaulted(value: JsonValue, schema: StructuralSchema | undefined): JsonValue {
  if (schema?.hasDefaults !== true) return value;
  if (isJsonObject(value)) return defaultedFields(value, schema);
  if (!isJsonArray(value)) return value;
  const { items } = schema;
  return mapItems(value, (each) => defaulted(isRefusedNull(each, items) ? (items?.default ?? null) : each, items));
}

function defaultedFields(object: JsonObject, schema: StructuralSchema): JsonObject {
  const whole = withDefaults(object, schema);
  return mapFields(whole, (value, name) => {
    const field = schemaOfField(schema, name);
    return defaulted(isRefusedNull(value, field) ? (field?.default ?? null) : value, field);
  });
}

function withDefaults(object: JsonObject, schema: StructuralSchema): JsonObject {
  let copy: JsonObjectDraft | undefined;
  for (const [name, property] of schema.properties) {
    if (property.default === undefined) continue;
    if (Object.hasOwn(object, name) && !isRefusedNull(object[name], property)) continue;
    copy ??= { ...object };
    setOwn(copy, name, property.default);
  }
  return copy ?? object;
}

/** Nulls that may not be there, and for which there is no default, go from objects. */
export function withoutRefusedNulls(value: JsonValue, schema: StructuralSchema | undefined): JsonValue {
  if (isJsonObject(value)) return objectWithoutRefusedNulls(value, schema);
  if (isJsonArray(value)) return mapItems(value, (each) => withoutRefusedNulls(each, schema?.items));
  return value;
}

export const objectWithoutRefusedNulls = (object: JsonObject, schema: StructuralSchema | undefined): JsonObject =>
  mapFields(object, (each, name) => {
    const field = schemaOfField(schema, name);
    if (isRefusedNull(each, field) && field?.default === undefined) return undefined;
    return withoutRefusedNulls(each, field);
  });

const isRefusedNull = (value: JsonValue | undefined, schema: StructuralSchema | undefined): boolean =>
  value === null && schema !== undefined && !schema.isNullable;
