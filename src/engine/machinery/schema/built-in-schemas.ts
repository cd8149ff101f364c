import type { SchemaRegistry, StructSchema, TypeSchema } from './schema.js';
import { createSchemaRegistry } from './schema-registry.js';

/** The schemas of the built-in types, expanded as they are first asked for; immutable, so one serves every cluster. */
export const builtInSchemas: SchemaRegistry = createSchemaRegistry();

/** The schema of a type by Go import path and name, such as `k8s.io/api/core/v1.Pod`. */
export const schemaOf = (typeName: string): TypeSchema => builtInSchemas.schemaOf(typeName);

/** The struct of a built-in kind, lists and options included; `undefined` when no such kind is known. */
export const schemaOfKind = (group: string, version: string, kind: string): StructSchema | undefined =>
  builtInSchemas.schemaOfKind(group, version, kind);

/** The constants that the source declares for a named string, in order of the alphabet; empty without any. */
export function constantsOf(typeName: string): readonly string[] {
  const schema = schemaOf(typeName);
  return 'values' in schema ? schema.values.toSorted() : [];
}
