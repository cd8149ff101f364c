/** Mirrors `SchemaDeclType`: the type of what a structural schema describes, and how large it may be. */
import type { JSONSchemaProps } from '../../api/apiextensions-v1.js';
import * as types from '../types.js';
import { STRING, type Field, type ListIdentity, type ObjectType, type Type } from '../types.js';
import { escapedName } from './escaping.js';

export const REQUEST_BYTES_MAX = 3 * 1_024 * 1_024;
const TIME_SIZE_MAX = 32;
const DATE_SIZE = 12;

export interface SchemaType {
  readonly type: Type;
  /** The fewest bytes that a value takes in JSON. */
  readonly sizeMin: number;
}

const META_OBJECT: JSONSchemaProps = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

/** `undefined` where expressions cannot see the value: nothing is known of it. */
export function schemaType(schema: JSONSchemaProps, isRoot: boolean): SchemaType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    const sizeMax = schema.maxLength === undefined ? REQUEST_BYTES_MAX - 2 : schema.maxLength * 4;
    return { type: { kind: 'dyn', sizeMax }, sizeMin: 1 };
  }
  switch (isRoot ? 'object' : schema.type) {
    case 'array':
      return arrayType(schema);
    case 'object':
      return objectTypeOf(schema, isRoot);
    case 'string':
      return textType(schema);
    case 'boolean':
      return { type: types.BOOL, sizeMin: 4 };
    case 'number':
      return { type: types.DOUBLE, sizeMin: 1 };
    case 'integer':
      return { type: types.INT, sizeMin: 1 };
    default:
      return undefined;
  }
}

export const schemaBelow = (value: unknown): JSONSchemaProps | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;

const typeBelow = (schema: JSONSchemaProps): SchemaType | undefined =>
  schemaType(schema, schema['x-kubernetes-embedded-resource'] === true);

function identityOf(schema: JSONSchemaProps): ListIdentity | undefined {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return 'whole';
    case 'map':
      return schema['x-kubernetes-list-map-keys'] ?? [];
    default:
      return undefined;
  }
}

function arrayType(schema: JSONSchemaProps): SchemaType | undefined {
  const { items, maxItems } = schema;
  const below = schemaBelow(items);
  const element = below && typeBelow(below);
  if (element === undefined) return undefined;
  const sizeMax = maxItems ?? Math.floor((REQUEST_BYTES_MAX - 2) / (element.sizeMin + 1));
  const identity = identityOf(schema);
  const type: Type = { kind: 'list', element: element.type, sizeMax, ...(identity === undefined ? {} : { identity }) };
  return { type, sizeMin: 2 };
}

function objectTypeOf(schema: JSONSchemaProps, isRoot: boolean): SchemaType | undefined {
  const additional = schemaBelow(schema.additionalProperties);
  if (additional !== undefined) {
    const value = typeBelow(additional);
    if (value === undefined) return undefined;
    const sizeMax = schema.maxProperties ?? Math.floor((REQUEST_BYTES_MAX - 2) / (value.sizeMin + 6));
    return { type: { kind: 'map', key: STRING, value: value.type, sizeMax }, sizeMin: 2 };
  }
  const properties = isRoot ? withMeta(schema.properties) : (schema.properties ?? {});
  const fields = new Map<string, Field>();
  let sizeMin = 2;
  for (const [name, property] of Object.entries(properties)) {
    const made = typeBelow(property);
    if (made === undefined) continue;
    const escaped = escapedName(name);
    if (escaped !== undefined) fields.set(escaped, { type: made.type, name });
    if (schema.required?.includes(name) === true && property.default === undefined) {
      sizeMin += name.length + made.sizeMin + 4;
    }
  }
  const type: ObjectType = { kind: 'object', name: 'object', field: (name) => fields.get(name) };
  return { type, sizeMin };
}

/** Name and kind of an object can always be seen, and nothing else of its metadata. */
const withMeta = (properties: JSONSchemaProps['properties'] = {}): Readonly<Record<string, JSONSchemaProps>> => ({
  ...properties,
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: META_OBJECT,
});

function textType({ format, maxLength, enum: choices = [] }: JSONSchemaProps): SchemaType {
  const unbounded = REQUEST_BYTES_MAX - 2;
  switch (format) {
    case 'byte':
      return { type: { kind: 'bytes', sizeMax: maxLength ?? unbounded }, sizeMin: 2 };
    case 'duration':
      return { type: { kind: 'duration', sizeMax: TIME_SIZE_MAX }, sizeMin: 3 };
    case 'date':
      return { type: { kind: 'timestamp', sizeMax: DATE_SIZE }, sizeMin: DATE_SIZE };
    case 'date-time':
      return { type: { kind: 'timestamp', sizeMax: TIME_SIZE_MAX }, sizeMin: 21 };
    default:
      return plainTextType(maxLength, choices);
  }
}

function plainTextType(maxLength: number | undefined, choices: readonly unknown[]): SchemaType {
  const lengths = choices.map((each) => (typeof each === 'string' ? each.length : 0));
  const bounded = maxLength === undefined ? undefined : maxLength * 4;
  const sizeMax = bounded ?? (lengths.length > 0 ? Math.max(...lengths) : REQUEST_BYTES_MAX - 2);
  return { type: { kind: 'string', sizeMax }, sizeMin: 2 };
}
