import { goJson } from '../../machinery/go-text.js';
import type { TypeSchema } from '../../machinery/schema/schema.js';
import { isJsonArray, isJsonObject, type ParsedValue } from '../../machinery/structure.js';

type Members = Readonly<Record<string, unknown>>;

/**
 * A patched document as upstream's message shows it: objects that the patch touched have their keys sorted, because Go keeps
 * them in maps; the others are as the server encodes their type. What is untouched is the very object that `base` holds.
 */
export function patchedText(patched: ParsedValue, base: unknown, schema: TypeSchema | undefined): string {
  if (patched === base && typeof patched === 'object') return encodedText(patched, schema);
  if (isJsonArray(patched)) {
    const items = Array.isArray(base) ? (base as readonly unknown[]) : [];
    return `[${patched.map((each, index) => patchedText(each, items[index], elementOf(schema))).join(',')}]`;
  }
  if (!isJsonObject(patched)) return goJson(patched);
  const before = (typeof base === 'object' && base !== null ? base : {}) as Members;
  const members = Object.keys(patched)
    .sort()
    .map((key) => `${goJson(key)}:${patchedText(patched[key]!, before[key], fieldOf(schema, key))}`);
  return `{${members.join(',')}}`;
}

/** A value of the type as Go writes it: structs by their fields, maps by their sorted keys. */
function encodedText(value: unknown, schema: TypeSchema | undefined): string {
  if (Array.isArray(value)) {
    return `[${(value as readonly unknown[]).map((each) => encodedText(each, elementOf(schema))).join(',')}]`;
  }
  const keys = typeof value === 'object' && value !== null ? keysOf(value, schema) : undefined;
  if (keys === undefined) return goJson(value);
  const members = keys.flatMap((key) => {
    const each = (value as Members)[key];
    return each === undefined ? [] : [`${goJson(key)}:${encodedText(each, fieldOf(schema, key))}`];
  });
  return `{${members.join(',')}}`;
}

/** In Go's order; `undefined` for what no schema describes. */
function keysOf(value: object, schema: TypeSchema | undefined): readonly string[] | undefined {
  const type = objectTypeOf(schema);
  if (type?.kind === 'struct') {
    // The type comes first in a kind's own JSON, though not in its Go struct.
    const names = type.ordered.map(({ name }) => name);
    return [...Object.keys(value).filter((key) => !type.fields.has(key)), ...names];
  }
  return type?.kind === 'map' ? Object.keys(value).sort() : undefined;
}

function fieldOf(schema: TypeSchema | undefined, key: string): TypeSchema | undefined {
  const type = objectTypeOf(schema);
  return type?.kind === 'struct' ? type.fields.get(key)?.type : type?.kind === 'map' ? type.value : undefined;
}

/** A choice that is an object is a schema. */
function objectTypeOf(schema: TypeSchema | undefined): TypeSchema | undefined {
  return schema !== undefined && 'schema' in schema ? schema.schema : schema;
}

function elementOf(schema: TypeSchema | undefined): TypeSchema | undefined {
  if (schema === undefined) return undefined;
  if ('alternative' in schema) return elementOf(schema.alternative);
  return schema.kind === 'list' ? schema.element : undefined;
}
