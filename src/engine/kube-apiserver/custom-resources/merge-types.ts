/**
 * How server-side apply sees a schema's values. Mirrors kube-openapi's `schemaconv` on what apiextensions publishes of a
 * structural schema without its value validations.
 */
import type { JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import type { MergeField, MergeList, MergeMap, MergeType } from '../../machinery/managed-fields/merge-type.js';
import { elementOf, fieldText } from '../../machinery/managed-fields/path-element.js';
import type { JsonValue } from '../../machinery/structure.js';
import type { StructuralSchema } from '../../machinery/custom-schema/structural-schema.js';

const NO_FIELDS: ReadonlyMap<string, MergeField> = new Map();

/** Anything, owned as a whole. */
const UNTYPED: MergeType = {
  scalar: 'untyped',
  get list(): MergeList {
    return { isAtomic: true, keys: [], element: UNTYPED };
  },
  get map(): MergeMap {
    return { isAtomic: true, fields: NO_FIELDS, element: UNTYPED };
  },
};

/** Anything: objects by field, the rest as a whole. */
const DEDUCED: MergeType = {
  scalar: 'untyped',
  list: { isAtomic: true, keys: [], element: UNTYPED },
  get map(): MergeMap {
    return { isAtomic: false, fields: NO_FIELDS, element: DEDUCED };
  },
};

/** The type of a whole object; `metadata` is that of every object's metadata. */
export function mergeTypeOfObject(schema: StructuralSchema | undefined, metadata: MergeType): MergeType {
  const text: MergeType = { scalar: 'string' };
  const common = [fieldOf('apiVersion', text), fieldOf('kind', text), fieldOf('metadata', metadata)] as const;
  if (schema === undefined) return { map: { isAtomic: false, fields: new Map(common), element: DEDUCED } };
  const { map } = mergeTypeOf(schema, false, metadata);
  return { map: { isAtomic: false, element: map?.element, fields: new Map([...(map?.fields ?? []), ...common]) } };
}

/** Below a schema that keeps unknown fields all keep them. */
function mergeTypeOf(schema: StructuralSchema, isOpenAbove: boolean, metadata: MergeType): MergeType {
  const { source } = schema;
  const isOpen = isOpenAbove || schema.keepsUnknown;
  const embedded = schema.isEmbedded ? metadata : undefined;
  switch (source.type ?? '') {
    case 'object':
      return { map: mapOf(schema, isOpen, { metadata, embedded }) };
    case 'array':
      return { list: listOf(schema, isOpen, metadata) };
    case 'integer':
    case 'number':
      return { scalar: 'numeric' };
    case 'boolean':
      return { scalar: 'boolean' };
    case 'string':
      return { scalar: (source.format ?? '') === '' || source.format === 'byte' ? 'string' : 'untyped' };
    default:
      return {
        scalar: 'untyped',
        list: listOf(schema, isOpen, metadata),
        map: mapOf(schema, isOpen, { metadata, embedded }),
      };
  }
}

interface MetadataTypes {
  readonly metadata: MergeType;
  /** Set where the object is a resource of its own. */
  readonly embedded: MergeType | undefined;
}

function mapOf(schema: StructuralSchema, isOpen: boolean, { metadata, embedded }: MetadataTypes): MergeMap {
  const { source, properties, additional } = schema;
  const fields = new Map(Array.from(properties, ([name, each]) => fieldOf(name, mergeTypeOf(each, isOpen, metadata))));
  if (embedded !== undefined) {
    for (const name of ['apiVersion', 'kind']) fields.set(...fieldOf(name, { scalar: 'string' }));
    fields.set(...fieldOf('metadata', embedded));
  }
  const isFree = isOpen || properties.size === 0;
  const element =
    typeof additional === 'object'
      ? mergeTypeOf(additional, isOpen, metadata)
      : additional === undefined
        ? isFree
          ? DEDUCED
          : undefined
        : source.additionalProperties === true
          ? DEDUCED
          : undefined;
  return { isAtomic: source['x-kubernetes-map-type'] === 'atomic', fields, element };
}

function listOf({ source, items }: StructuralSchema, isOpen: boolean, metadata: MergeType): MergeList {
  const listType = source['x-kubernetes-list-type'];
  const element = items === undefined ? UNTYPED : mergeTypeOf(items, isOpen, metadata);
  const isAtomic = listType !== 'map' && listType !== 'set';
  if (listType !== 'map') return { isAtomic, keys: [], element };
  const names = source['x-kubernetes-list-map-keys'] ?? [];
  const keys = names.map((name) => ({ name, default: defaultOf(items?.source, name) }));
  const [first] = keys;
  const keyPrefix = keys.length === 1 && first !== undefined ? `k:{${JSON.stringify(first.name)}:"` : undefined;
  const sorted = names
    .toSorted()
    .map((name, at) => ({ name, label: `${at === 0 ? '' : ','}${JSON.stringify(name)}:` }));
  return { isAtomic, keys, keyPrefix, sortedKeys: keys.length > 1 ? sorted : undefined, element };
}

const defaultOf = (items: JSONSchemaProps | undefined, name: string): JsonValue | undefined =>
  items?.properties?.[name]?.default;

const fieldOf = (name: string, type: MergeType): readonly [string, MergeField] => [
  name,
  { step: elementOf(fieldText(name)), type },
];
