import { METADATA_TYPES } from './custom-definitions.js';
import type { GroupVersionKind, Path } from './operation.js';
import { definitionName, definitionsOf, type Describe, type Dialect, type SchemaObject } from './type-definitions.js';

export interface DefinitionTexts {
  /** Which groups, versions and kinds a type stands for, by Go type. */
  readonly marks: ReadonlyMap<string, readonly GroupVersionKind[]>;
  readonly describe: Describe | undefined;
  /** The definitions that follow from no Go type, by the name that stands for one. */
  define(dialect: Dialect): ReadonlyMap<string, SchemaObject>;
}

/** The types that a document speaks of, in order of the alphabet. */
export function documentDefinitions(
  paths: readonly Path[],
  dialect: Dialect,
  { marks, describe, define }: DefinitionTexts,
): Readonly<Record<string, SchemaObject>> {
  const defined = define(dialect);
  const spoken = new Map<string, SchemaObject>();
  const types = new Set<string>();
  for (const { operations } of paths) {
    for (const { body, answer } of operations) {
      for (const type of [body, answer]) {
        if (type === undefined) continue;
        const known = defined.get(type);
        if (known === undefined) types.add(type);
        else spoken.set(type, known);
      }
    }
  }
  // What custom resources have in common with all others.
  if (spoken.size > 0) for (const type of METADATA_TYPES) types.add(type);
  const definitions = [...spoken, ...definitionsOf(types, dialect, describe)];
  const written = definitions.map(([typeName, schema]) => {
    const mark = marks.get(typeName);
    const marked = mark === undefined ? schema : { ...schema, 'x-kubernetes-group-version-kind': mark };
    return [definitionName(typeName), marked] as const;
  });
  return Object.fromEntries(written.sort(([a], [b]) => (a < b ? -1 : 1)));
}
