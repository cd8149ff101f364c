import type { JSONSchemaProps } from '../../machinery/api/apiextensions-v1.js';
import type { JsonValue } from '../../machinery/structure.js';
import { pruned } from './pruning.js';

/** A schema as the structure of objects: which fields there are, which are kept, and what they default to. */
export interface StructuralSchema {
  readonly source: JSONSchemaProps;
  readonly properties: ReadonlyMap<string, StructuralSchema>;
  readonly items: StructuralSchema | undefined;
  /** What fields without a declaration hold: anything at all for `unspecified`; `undefined` when there are none. */
  readonly additional: StructuralSchema | 'unspecified' | undefined;
  readonly keepsUnknown: boolean;
  readonly isEmbedded: boolean;
  readonly isNullable: boolean;
  /** Pruned by the schema itself. */
  readonly default: JsonValue | undefined;
  /** Whether this schema or one below it has a default. */
  readonly hasDefaults: boolean;
  /** Whether one below it is that of a whole resource. */
  readonly hasEmbedded: boolean;
  /** Whether this schema or one below it is a list whose elements must differ. */
  readonly hasListTypes: boolean;
}

export function structuralSchemaOf(source: JSONSchemaProps): StructuralSchema {
  const properties = new Map(
    Object.entries(source.properties ?? {}).map(([name, each]) => [name, structuralSchemaOf(each)]),
  );
  const items = isSchema(source.items) ? structuralSchemaOf(source.items) : undefined;
  const additional = additionalOf(source);
  const below = [...properties.values(), items, additional].filter((each) => typeof each === 'object');
  const listType = source['x-kubernetes-list-type'];
  const schema = {
    source,
    properties,
    items,
    additional,
    keepsUnknown: source['x-kubernetes-preserve-unknown-fields'] === true,
    isEmbedded: source['x-kubernetes-embedded-resource'] === true,
    isNullable: source.nullable === true,
    default: undefined as JsonValue | undefined,
    hasDefaults: below.some((each) => each.hasDefaults),
    hasEmbedded: below.some((each) => each.hasEmbedded || each.isEmbedded),
    hasListTypes: listType === 'set' || listType === 'map' || below.some((each) => each.hasListTypes),
  };
  if (source.default !== undefined && source.default !== null) {
    schema.default = pruned(source.default, schema);
    schema.hasDefaults = true;
  }
  return Object.freeze(schema);
}

function additionalOf({ additionalProperties }: JSONSchemaProps): StructuralSchema['additional'] {
  if (additionalProperties === undefined) return undefined;
  return isSchema(additionalProperties) ? structuralSchemaOf(additionalProperties) : 'unspecified';
}

const isSchema = (value: unknown): value is JSONSchemaProps =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schema of one field; `undefined` where nothing is said of it. */
export function schemaOfField(schema: StructuralSchema | undefined, name: string): StructuralSchema | undefined {
  const declared = schema?.properties.get(name);
  if (declared !== undefined) return declared;
  return typeof schema?.additional === 'object' ? schema.additional : undefined;
}
