import type { StructSchema, TypeSchema } from '../schema/schema.js';
import { escapedName } from './schema/escaping.js';
import { BOOL, BYTES, DOUBLE, DYN, INT, STRING, TIMESTAMP, listOf, mapOf, type Field, type Type } from './types.js';

/** The type of an object of a built-in kind, as expressions see it: what upstream makes of its OpenAPI document. */
export function apiType(schema: TypeSchema): Type {
  switch (schema.kind) {
    case 'struct':
      return structType(schema);
    case 'list':
      return listOf(apiType(schema.element));
    case 'map':
      return mapOf(STRING, apiType(schema.value));
    case 'boolean':
      return BOOL;
    case 'int32':
    case 'int64':
      return INT;
    case 'float64':
      return DOUBLE;
    case 'bytes':
      return BYTES;
    case 'time':
    case 'microTime':
      return TIMESTAMP;
    case 'string':
    case 'duration':
    case 'quantity':
      return STRING;
    default:
      return DYN;
  }
}

/** Types may mention themselves: a field's type is made when it is asked for. */
function structType(schema: StructSchema): Type {
  const fields = new Map<string, Field>();
  const names = new Map<string, string>();
  for (const name of schema.fields.keys()) {
    const escaped = escapedName(name);
    if (escaped !== undefined) names.set(escaped, name);
  }
  return {
    kind: 'object',
    name: schema.typeName,
    field(escaped) {
      const name = names.get(escaped);
      const of = name === undefined ? undefined : schema.fields.get(name);
      if (name === undefined || of === undefined) return undefined;
      const known = fields.get(name) ?? { name, type: apiType(of.type) };
      fields.set(name, known);
      return known;
    },
  };
}
