/** What OpenAPI says of custom resources: their schemas with what every object has. Mirrors apiextensions' openapi builder. */
import type { JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import type { CustomForm } from '../../machinery/custom-form.js';
import type { Kind } from '../../machinery/kind.js';
import { listTypeOf, typeOf } from './operations.js';
import { definitionName, type Dialect, type SchemaObject } from './type-definitions.js';

const META = 'k8s.io/apimachinery/pkg/apis/meta/v1';
const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
const VERSION_TEXT = `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: ${CONVENTIONS}#resources`;
const KIND_TEXT = `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ${CONVENTIONS}#types-kinds`;
const METADATA_TEXT = `Standard object's metadata. More info: ${CONVENTIONS}#metadata`;
const LIST_METADATA_TEXT = `Standard list metadata. More info: ${CONVENTIONS}#types-kinds`;
const EMBEDDED_VERSION_TEXT = `apiVersion defines the versioned schema of this representation of an object. More info: ${CONVENTIONS}#resources`;
const EMBEDDED_KIND_TEXT = `kind is a string value representing the type of this object. In CamelCase. More info: ${CONVENTIONS}#types-kinds`;

/** What no structural schema has, or only its author reads. */
const LEFT_OUT: readonly (keyof JSONSchemaProps)[] = ['example', 'externalDocs', 'id', '$schema'];
/** What OpenAPI 2 does not know. */
const UNKNOWN_TO_2: readonly (keyof JSONSchemaProps)[] = ['allOf', 'anyOf', 'oneOf', 'not', 'nullable'];
const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

/** The types that definitions of custom resources refer to. */
export const METADATA_TYPES: readonly string[] = [`${META}.ObjectMeta`, `${META}.ListMeta`];

/** The definitions of custom kinds and their lists, by type name. */
export function customDefinitions(kinds: readonly Kind[], dialect: Dialect): ReadonlyMap<string, SchemaObject> {
  const definitions = new Map<string, SchemaObject>();
  for (const kind of kinds) {
    const { custom } = kind;
    if (custom === undefined) continue;
    definitions.set(typeOf(kind), objectDefinition(custom, dialect));
    definitions.set(listTypeOf(kind) ?? '', listDefinition(kind, custom, dialect));
  }
  return definitions;
}

function objectDefinition({ schema, selectableFields }: CustomForm, dialect: Dialect): SchemaObject {
  const selectable = selectionMark(selectableFields, dialect);
  const isOpen = schema?.['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema === undefined || (dialect.version === 2 && isOpen)) return { type: 'object', ...selectable };
  const written = schemaObject(schema, dialect);
  const properties = {
    ...(written['properties'] as SchemaObject | undefined),
    apiVersion: { description: VERSION_TEXT, type: 'string' },
    kind: { description: KIND_TEXT, type: 'string' },
    metadata: reference('ObjectMeta', METADATA_TEXT, dialect),
  };
  return { ...written, properties, ...selectable };
}

function listDefinition(kind: Kind, { listKind, selectableFields }: CustomForm, dialect: Dialect): SchemaObject {
  const item = { $ref: dialect.refPrefix + definitionName(typeOf(kind)) };
  const text = `List of ${kind.plural}. More info: ${CONVENTIONS}`;
  return {
    description: `${listKind} is a list of ${kind.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { description: VERSION_TEXT, type: 'string' },
      items: { description: text, type: 'array', items: item },
      kind: { description: KIND_TEXT, type: 'string' },
      metadata: reference('ListMeta', LIST_METADATA_TEXT, dialect),
    },
    ...selectionMark(selectableFields, dialect),
  };
}

const selectionMark = (fields: readonly string[], { version }: Dialect): SchemaObject =>
  version === 2 || fields.length === 0
    ? {}
    : { 'x-kubernetes-selectable-fields': fields.map((fieldPath) => ({ fieldPath })) };

/** OpenAPI 3 lets nothing stand beside a reference: it is put under `allOf`. */
function reference(name: string, description: string, { version, refPrefix }: Dialect): SchemaObject {
  const $ref = refPrefix + definitionName(`${META}.${name}`);
  return version === 3 ? { description, allOf: [{ $ref }] } : { description, $ref };
}

function schemaObject(schema: JSONSchemaProps, dialect: Dialect): SchemaObject {
  const { properties, items, additionalProperties, ...rest } = schema;
  const written: Record<string, unknown> = { ...rest };
  for (const name of LEFT_OUT) delete written[name];
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const isInt = schema['x-kubernetes-int-or-string'] === true;
  if (dialect.version === 2) {
    for (const name of UNKNOWN_TO_2) delete written[name];
    // Clients of that age take no null for an answer, and nothing unknown beside something known.
    if (schema.nullable === true || isInt) delete written['type'];
    if (schema.nullable === true || isOpen) return written;
  } else if (isInt && schema.anyOf === undefined) {
    written['anyOf'] = INT_OR_STRING;
  }
  if (properties !== undefined) written['properties'] = mapped(properties, dialect);
  if (isSchema(items)) written['items'] = schemaObject(items, dialect);
  if (additionalProperties !== undefined) {
    written['additionalProperties'] = isSchema(additionalProperties)
      ? schemaObject(additionalProperties, dialect)
      : additionalProperties;
  }
  return schema['x-kubernetes-embedded-resource'] === true ? withTypeMeta(written, dialect) : written;
}

function withTypeMeta(schema: SchemaObject, dialect: Dialect): SchemaObject {
  const required = (schema['required'] ?? []) as readonly string[];
  const added = ['kind', 'apiVersion'].filter((name) => !required.includes(name));
  const properties = {
    ...(schema['properties'] as SchemaObject | undefined),
    apiVersion: { description: EMBEDDED_VERSION_TEXT, type: 'string' },
    kind: { description: EMBEDDED_KIND_TEXT, type: 'string' },
    metadata: reference('ObjectMeta', METADATA_TEXT, dialect),
  };
  return { ...schema, required: [...required, ...added], properties };
}

const mapped = (schemas: Readonly<Record<string, JSONSchemaProps>>, dialect: Dialect): SchemaObject =>
  Object.fromEntries(Object.entries(schemas).map(([name, each]) => [name, schemaObject(each, dialect)]));

const isSchema = (value: unknown): value is JSONSchemaProps =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
