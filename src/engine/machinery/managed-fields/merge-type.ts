import type { FieldSchema, LeafKind, ListSchema, MapSchema, StructSchema, TypeSchema } from '../schema/schema.js';
import { ATOMIC_TYPES } from '../schema/atomic-types.js';
import type { JsonValue } from '../structure.js';
import { elementOf, fieldText, type PathElement } from './path-element.js';

export type ScalarKind = 'string' | 'numeric' | 'boolean' | 'untyped';

/** How server-side apply sees a type: whose parts have owners of their own, and how list elements are told apart. */
export interface MergeType {
  /** Which of the three a value may be. */
  readonly scalar?: ScalarKind | undefined;
  readonly list?: MergeList | undefined;
  readonly map?: MergeMap | undefined;
}

export interface MergeList {
  /** Owned as a whole. */
  readonly isAtomic: boolean;
  /** Of elements that are told apart by fields; none where the values themselves are. */
  readonly keys: readonly MergeKey[];
  /** Where there is one key, what the text of a step begins with when the key is a string. */
  readonly keyPrefix?: string | undefined;
  /** Where there are several keys, these in the order of a step's text, each with what stands before its value there. */
  readonly sortedKeys?: readonly { readonly name: string; readonly label: string }[] | undefined;
  readonly element: MergeType;
}

interface MergeKey {
  readonly name: string;
  readonly default: JsonValue | undefined;
}

export interface MergeMap {
  readonly isAtomic: boolean;
  /** The declared fields. */
  readonly fields: ReadonlyMap<string, MergeField>;
  /** What other keys hold; `undefined` where there are none. */
  readonly element: MergeType | undefined;
}

export interface MergeField {
  readonly step: PathElement;
  readonly type: MergeType;
}

const NO_FIELDS: ReadonlyMap<string, MergeField> = new Map();
const SCALARS: Readonly<Partial<Record<LeafKind, ScalarKind>>> = {
  string: 'string',
  bytes: 'string',
  duration: 'string',
  boolean: 'boolean',
  int32: 'numeric',
  int64: 'numeric',
  float64: 'numeric',
  quantity: 'untyped',
  intOrString: 'untyped',
  time: 'untyped',
  microTime: 'untyped',
};

/** Anything, owned as a whole. */
const UNTYPED_ATOMIC: MergeType = {
  scalar: 'untyped',
  get list(): MergeList {
    return { isAtomic: true, keys: [], element: UNTYPED_ATOMIC };
  },
  get map(): MergeMap {
    return { isAtomic: true, fields: NO_FIELDS, element: UNTYPED_ATOMIC };
  },
};

/** Anything: maps by key, the rest as a whole. */
const DEDUCED: MergeType = {
  scalar: 'untyped',
  list: { isAtomic: true, keys: [], element: UNTYPED_ATOMIC },
  get map(): MergeMap {
    return { isAtomic: false, fields: NO_FIELDS, element: DEDUCED };
  },
};
const FREE_OBJECT: MergeType = { map: { isAtomic: true, fields: NO_FIELDS, element: UNTYPED_ATOMIC } };

/** The types of a process, each made once when first asked for. */
export class MergeTypes {
  readonly #types = new Map<TypeSchema, MergeType>();

  of(schema: TypeSchema): MergeType {
    let type = this.#types.get(schema);
    if (type === undefined) {
      type = this.#make(schema, undefined);
      this.#types.set(schema, type);
    }
    return type;
  }

  #make(schema: TypeSchema, field: FieldSchema | undefined): MergeType {
    switch (schema.kind) {
      case 'struct':
        return new StructType(schema, field?.structType, (each) => this.#ofField(each));
      case 'list':
        return { list: this.#list(schema, field) };
      case 'map':
        return { map: this.#map(schema, field) };
      case 'rawExtension':
      case 'fieldsV1':
        return FREE_OBJECT;
      case 'json':
      case 'any':
      case 'schemaOrBoolean':
      case 'schemaOrSchemas':
      case 'schemaOrStrings':
        return DEDUCED;
      default:
        return { scalar: SCALARS[schema.kind] ?? 'untyped' };
    }
  }

  /** Lists and maps are what the field that holds them says, structs where it says something. */
  #ofField(field: FieldSchema): MergeType {
    const { type, structType } = field;
    const isOwn = type.kind === 'list' || type.kind === 'map' || structType !== undefined;
    return isOwn ? this.#make(type, field) : this.of(type);
  }

  #list({ element }: ListSchema, field: FieldSchema | undefined): MergeList {
    const isAtomic = field?.listType !== 'map' && field?.listType !== 'set';
    const keys = field?.listType === 'map' ? field.listMapKeys.map((name) => keyOf(name, element)) : [];
    const keyPrefix = keys.length === 1 ? `k:{${JSON.stringify(keys[0]!.name)}:"` : undefined;
    const sortedKeys = keys.length > 1 ? labelled(keys) : undefined;
    return { isAtomic, keys, keyPrefix, sortedKeys, element: this.of(element) };
  }

  #map({ value }: MapSchema, field: FieldSchema | undefined): MergeMap {
    return { isAtomic: field?.mapType === 'atomic', fields: NO_FIELDS, element: this.of(value) };
  }
}

const labelled = (keys: readonly MergeKey[]): MergeList['sortedKeys'] =>
  keys
    .map(({ name }) => name)
    .sort()
    .map((name, at) => ({ name, label: `${at === 0 ? '' : ','}${JSON.stringify(name)}:` }));

/** A struct whose fields are looked at when first asked for, so that types may contain themselves. */
class StructType implements MergeType {
  readonly #schema: StructSchema;
  readonly #isAtomic: boolean;
  readonly #typeOf: (field: FieldSchema) => MergeType;
  #map: MergeMap | undefined;

  constructor(schema: StructSchema, structType: FieldSchema['structType'], typeOf: (field: FieldSchema) => MergeType) {
    this.#schema = schema;
    this.#isAtomic = structType === undefined ? ATOMIC_TYPES.has(schema.typeName) : structType === 'atomic';
    this.#typeOf = typeOf;
  }

  get map(): MergeMap {
    this.#map ??= {
      isAtomic: this.#isAtomic,
      element: undefined,
      fields: new Map(this.#schema.ordered.map((field) => [field.name, this.#fieldOf(field)])),
    };
    return this.#map;
  }

  #fieldOf(field: FieldSchema): MergeField {
    const typeOf = this.#typeOf;
    let type: MergeType | undefined;
    return {
      step: elementOf(fieldText(field.name)),
      get type(): MergeType {
        type ??= typeOf(field);
        return type;
      },
    };
  }
}

/** An element that leaves a key out has its default there; a field that Go always encodes has its zero. */
function keyOf(name: string, element: TypeSchema): MergeKey {
  const field = element.kind === 'struct' ? element.fields.get(name) : undefined;
  const zero = field?.whenAbsent === 'zero' ? zeroOf(field.type.kind) : undefined;
  return { name, default: field?.default ?? zero };
}

function zeroOf(kind: TypeSchema['kind']): JsonValue | undefined {
  switch (kind) {
    case 'string':
      return '';
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'float64':
      return 0;
    default:
      return undefined;
  }
}
