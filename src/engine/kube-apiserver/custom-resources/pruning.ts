/** Mirrors apiextensions' pruning: what a schema does not know goes. All functions share what stays as it is. */
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../machinery/structure.js';
import { mapFields, mapItems } from './changed-copy.js';
import type { StructuralSchema } from './structural-schema.js';

const META_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** A value of the schema without unknown fields. `undefined` is a schema that knows none. */
export const pruned = (value: JsonValue, schema: StructuralSchema | undefined): JsonValue =>
  new Pruning(undefined).value(value, schema, '');

export interface PrunedObject {
  readonly object: JsonObject;
  /** The paths of what went, sorted; none unless they were asked for. */
  readonly unknown: readonly string[];
}

/** A whole object: its type and metadata stay, whatever the schema says of them. */
export function prunedObject(
  object: JsonObject,
  schema: StructuralSchema | undefined,
  findsUnknown: boolean,
): PrunedObject {
  const unknown: string[] | undefined = findsUnknown ? [] : undefined;
  const kept = new Pruning(unknown).root(object, schema);
  return { object: kept, unknown: unknown?.sort() ?? [] };
}

class Pruning {
  readonly #unknown: string[] | undefined;

  constructor(unknown: string[] | undefined) {
    this.#unknown = unknown;
  }

  root(object: JsonObject, schema: StructuralSchema | undefined): JsonObject {
    if (schema?.keepsUnknown === true) return this.#keptFields(object, schema, '', true);
    return this.#fields(object, schema, '', true);
  }

  value(value: JsonValue, schema: StructuralSchema | undefined, path: string): JsonValue {
    if (schema?.keepsUnknown === true) return this.#kept(value, schema, path);
    if (isJsonObject(value)) return this.#fields(value, schema, path, schema?.isEmbedded === true);
    if (!isJsonArray(value)) return value;
    return mapItems(value, (each, index) => this.value(each, schema?.items, `${path}[${index}]`));
  }

  #fields(object: JsonObject, schema: StructuralSchema | undefined, path: string, isResource: boolean): JsonObject {
    return mapFields(object, (value, name) => {
      if (isResource && META_FIELDS.has(name)) return value;
      const inner = path === '' ? name : `${path}.${name}`;
      const declared = schema?.properties.get(name);
      if (declared !== undefined) return this.value(value, declared, inner);
      const additional = schema?.additional;
      if (additional !== undefined) {
        return this.value(value, additional === 'unspecified' ? undefined : additional, inner);
      }
      this.#unknown?.push(inner);
      return undefined;
    });
  }

  /** Where unknown fields stay, the known ones are looked into all the same. */
  #kept(value: JsonValue, schema: StructuralSchema | undefined, path: string): JsonValue {
    if (schema === undefined) return value;
    if (isJsonObject(value)) return this.#keptFields(value, schema, path, schema.isEmbedded);
    if (!isJsonArray(value)) return value;
    return mapItems(value, (each, index) => this.#kept(each, schema.items, `${path}[${index}]`));
  }

  #keptFields(object: JsonObject, schema: StructuralSchema, path: string, isResource: boolean): JsonObject {
    return mapFields(object, (value, name) => {
      if (isResource && META_FIELDS.has(name)) return value;
      const inner = path === '' ? name : `${path}.${name}`;
      const declared = schema.properties.get(name);
      if (declared !== undefined) return this.value(value, declared, inner);
      const { additional } = schema;
      if (additional === undefined) return value;
      return this.value(value, additional === 'unspecified' ? undefined : additional, inner);
    });
  }
}
