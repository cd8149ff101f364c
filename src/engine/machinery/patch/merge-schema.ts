import type { TypeSchema } from '../schema/schema.js';

/** What strategic merge asks of a type: the struct tags `patchStrategy` and `patchMergeKey` of its fields. */
export interface MergeSchema {
  /** The bare Go name of a struct, for messages. */
  readonly name: string;
  /** Go's word for the kind of type: only the fields of a `struct` can be looked up. */
  readonly goKind: string;
  field(name: string): MergeField | undefined;
}

export interface MergeField {
  /** Of `merge`, `replace` and `retainKeys`. */
  readonly strategies: readonly string[];
  readonly mergeKey: string | undefined;
  /** Of the field's value, or of the items if that is a list. */
  readonly schema: MergeSchema;
}

export function mergeSchemaOf(type: TypeSchema): MergeSchema {
  return {
    name: type.kind === 'struct' ? type.name : type.goName,
    goKind: type.kind === 'list' ? 'slice' : type.kind,
    field: (name) => {
      const field = type.kind === 'struct' ? type.fields.get(name) : undefined;
      if (field === undefined) return undefined;
      const { patchStrategy: strategies, patchMergeKey: mergeKey } = field;
      return {
        strategies,
        mergeKey,
        schema: mergeSchemaOf(field.type.kind === 'list' ? field.type.element : field.type),
      };
    },
  };
}
