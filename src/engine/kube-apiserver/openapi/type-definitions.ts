import { ATOMIC_TYPES } from '../../machinery/schema/atomic-types.js';
import { builtInSchemas } from '../../machinery/schema/built-in-schemas.js';
import type { FieldSchema, StructSchema, TypeSchema } from '../../machinery/schema/schema.js';
import type { DocumentSupplies, TypeDescription } from './document-supplies.port.js';
import { enumerationOf } from './enumerations.js';
import { fixedDefinition } from './fixed-definitions.js';

/** One JSON schema as OpenAPI writes it. */
export type SchemaObject = Readonly<Record<string, unknown>>;

export interface Dialect {
  readonly version: 2 | 3;
  readonly refPrefix: string;
}

export const openApi3: Dialect = Object.freeze({ version: 3, refPrefix: '#/components/schemas/' });
export const openApi2: Dialect = Object.freeze({ version: 2, refPrefix: '#/definitions/' });

/** `k8s.io/api/core/v1.Pod` → `io.k8s.api.core.v1.Pod` */
export function definitionName(typeName: string): string {
  const slash = typeName.indexOf('/');
  const host = typeName.slice(0, slash).split('.').reverse().join('.');
  return `${host}.${typeName.slice(slash + 1).replaceAll('/', '.')}`;
}

export type Describe = DocumentSupplies['describe'];

const sayNothing: Describe = () => undefined;

/** The definitions of types and of all that they refer to, by Go type. */
export function definitionsOf(
  typeNames: Iterable<string>,
  dialect: Dialect,
  describe = sayNothing,
): ReadonlyMap<string, SchemaObject> {
  const definitions = new Map<string, SchemaObject>();
  const waiting = [...typeNames];
  for (let typeName = waiting.pop(); typeName !== undefined; typeName = waiting.pop()) {
    if (definitions.has(typeName)) continue;
    const described = describe(definitionName(typeName));
    const writing = {
      dialect,
      owner: typeName,
      fieldTexts: described?.fields ?? NO_TEXTS,
      note: (other: string) => void waiting.push(other),
    };
    const definition =
      fixedDefinition(typeName, withDefaults(writing)) ?? definitionOf(builtInSchemas.schemaOf(typeName), writing);
    definitions.set(typeName, withText(definition, described?.description));
  }
  return definitions;
}

const NO_TEXTS: TypeDescription['fields'] = Object.freeze({});

const withText = (schema: SchemaObject, description: string | undefined): SchemaObject =>
  description === undefined ? schema : { description, ...schema };

interface Writing {
  readonly dialect: Dialect;
  /** The type whose definition is written. */
  readonly owner: string;
  /** What the fields of the type are for. */
  readonly fieldTexts: TypeDescription['fields'];
  /** Told of every type that is referred to. */
  note(typeName: string): void;
}

function definitionOf(type: TypeSchema, writing: Writing): SchemaObject {
  if (type.kind === 'struct') return structDefinition(type, writing);
  switch (type.kind) {
    case 'time':
    case 'microTime':
      return { type: 'string', format: 'date-time' };
    case 'intOrString':
      return writing.dialect.version === 3
        ? { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] }
        : { type: 'string', format: 'int-or-string' };
    case 'quantity':
      return writing.dialect.version === 3 ? { oneOf: [{ type: 'string' }, { type: 'number' }] } : { type: 'string' };
    case 'duration':
      return { type: 'string' };
    case 'rawExtension':
    case 'fieldsV1':
      return { type: 'object' };
    default:
      return {};
  }
}

function structDefinition({ ordered, typeName }: StructSchema, writing: Writing): SchemaObject {
  const required = ordered.filter(isRequired).map(({ name }) => name);
  const fields = ordered.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    ...(fields.length === 0
      ? {}
      : { properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field, writing)])) }),
    ...(ATOMIC_TYPES.has(typeName) ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...(UNIONS[typeName] === undefined ? {} : { 'x-kubernetes-unions': [UNIONS[typeName]] }),
  };
}

/** One of several fields may be set, and another says which. */
const UNIONS: Readonly<Record<string, SchemaObject>> = {
  'k8s.io/api/core/v1.AppArmorProfile': union('type', { localhostProfile: 'LocalhostProfile' }),
  'k8s.io/api/core/v1.SeccompProfile': union('type', { localhostProfile: 'LocalhostProfile' }),
  'k8s.io/api/flowcontrol/v1.LimitResponse': union('type', { queuing: 'Queuing' }),
  'k8s.io/api/flowcontrol/v1.PriorityLevelConfigurationSpec': union('type', { exempt: 'Exempt', limited: 'Limited' }),
  'k8s.io/api/flowcontrol/v1.Subject': union('kind', {
    group: 'Group',
    serviceAccount: 'ServiceAccount',
    user: 'User',
  }),
};

function union(discriminator: string, fields: Readonly<Record<string, string>>): SchemaObject {
  return { discriminator, 'fields-to-discriminateBy': fields };
}

const isRequired = ({ required, optional, omitEmpty }: FieldSchema): boolean => required || (!optional && !omitEmpty);

function fieldSchema(field: FieldSchema, writing: Writing): SchemaObject {
  const implied = field.pointer || (field.omitEmpty && field.type.kind !== 'struct') ? undefined : zeroOf(field.type);
  const value = withDefaults(writing) ? (field.default ?? implied) : undefined;
  const plain = schemaOf(field.type, writing);
  if (UNDESCRIBED[writing.owner]?.includes(field.name) === true) return plain;
  const schema = apart(plain, writing.dialect);
  const complete = { ...schema, ...(value === undefined ? {} : { default: value }), ...extensionsOf(field) };
  return withText(complete, writing.fieldTexts[field.name]);
}

/** References that upstream has nothing to say of, not even a description, stand alone. */
const UNDESCRIBED: Readonly<Record<string, readonly string[]>> = {
  'k8s.io/api/networking/v1.IngressRule': ['http'],
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaProps': [
    'additionalItems',
    'additionalProperties',
    'example',
    'externalDocs',
    'items',
    'not',
  ],
};

/** Upstream prunes them from version 2. */
const withDefaults = ({ dialect }: Writing): boolean => dialect.version === 3;

function schemaOf(type: TypeSchema, writing: Writing): SchemaObject {
  switch (type.kind) {
    case 'string': {
      const values = enumerationOf(type);
      return { type: 'string', ...(values === undefined ? {} : { enum: values }) };
    }
    case 'bytes':
      return { type: 'string', format: 'byte' };
    case 'boolean':
      return { type: 'boolean' };
    case 'int32':
    case 'int64':
      return { type: 'integer', format: type.kind };
    case 'float64':
      return { type: 'number', format: 'double' };
    case 'list':
      return { type: 'array', items: itemSchema(type.element, writing) };
    case 'map':
      return { type: 'object', additionalProperties: itemSchema(type.value, writing) };
    default: {
      if (type.typeName === undefined) return {};
      writing.note(type.typeName);
      return { $ref: writing.dialect.refPrefix + definitionName(type.typeName) };
    }
  }
}

/** Elements of lists and values of maps: a zero value is their default. */
function itemSchema(type: TypeSchema, writing: Writing): SchemaObject {
  const zero = withDefaults(writing) ? zeroOf(type) : undefined;
  const schema = schemaOf(type, writing);
  return zero === undefined ? schema : { ...apart(schema, writing.dialect), default: zero };
}

/** OpenAPI 3 lets nothing stand beside a reference: it is put under `allOf`. */
const apart = (schema: SchemaObject, { version }: Dialect): SchemaObject =>
  version === 3 && '$ref' in schema ? { allOf: [schema] } : schema;

function zeroOf({ kind }: TypeSchema): unknown {
  switch (kind) {
    case 'string':
      return '';
    case 'int32':
    case 'int64':
    case 'float64':
      return 0;
    case 'boolean':
      return false;
    case 'struct':
      return {};
    default:
      return undefined;
  }
}

function extensionsOf(field: FieldSchema): SchemaObject {
  const { listMapKeys, listType, mapType, structType, patchMergeKey, patchStrategy } = field;
  return {
    ...(listMapKeys.length === 0 ? {} : { 'x-kubernetes-list-map-keys': listMapKeys }),
    ...(listType === undefined ? {} : { 'x-kubernetes-list-type': listType }),
    ...((mapType ?? structType) === undefined ? {} : { 'x-kubernetes-map-type': mapType ?? structType }),
    ...(patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': patchMergeKey }),
    ...(patchStrategy.length === 0 ? {} : { 'x-kubernetes-patch-strategy': patchStrategy.join(',') }),
  };
}
