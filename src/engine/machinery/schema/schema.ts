/**
 * What the Kubernetes API types are: one schema per Go type, read from the generated facts. Decoding, patches, server-side
 * apply, protobuf and OpenAPI all ask here. Schemas are immutable and shared by every cluster of a process.
 */
import type { JsonValue } from '../structure.js';

export type TypeSchema = StructSchema | ListSchema | MapSchema | LeafSchema | SchemaChoice;

/** Types whose value is one JSON value, with a form of its own or free. */
export type LeafKind =
  | 'string'
  | 'bytes'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'quantity'
  | 'intOrString'
  | 'time'
  | 'microTime'
  | 'duration'
  /** apiextensions `JSON`. */
  | 'json'
  | 'rawExtension'
  | 'fieldsV1'
  /** Go's `interface{}`. */
  | 'any';

interface Named {
  /** As Go's reflection prints it in messages: `v1.Container`, `[]v1.Container`, `map[string]string`. */
  readonly goName: string;
  /** Go import path and name, `k8s.io/api/core/v1.Container`; `undefined` for unnamed types. */
  readonly typeName: string | undefined;
}

export interface StructSchema extends Named {
  readonly kind: 'struct';
  readonly typeName: string;
  /** The bare Go name, `Container`. */
  readonly name: string;
  /** The fields of the JSON object by name, inline ones expanded, in the order Go encodes them. */
  readonly fields: ReadonlyMap<string, FieldSchema>;
  /** The same as an array. */
  readonly ordered: readonly FieldSchema[];
  /** The same prepared for decoding. */
  readonly layout: StructLayout;
  /** The fields as declared: an inline struct is one member. What the protobuf wire follows. */
  readonly members: readonly (FieldSchema | InlineMember)[];
}

export interface StructLayout {
  readonly slots: ReadonlyMap<string, FieldSlot>;
  /** In order, the fields that Go encodes even when they are absent. */
  readonly always: readonly FieldSlot[];
}

export interface FieldSlot {
  readonly field: FieldSchema;
  /** The field's place in `ordered`. */
  readonly place: number;
}

export interface ListSchema extends Named {
  readonly kind: 'list';
  readonly element: TypeSchema;
}

/** Keys are always strings on the wire. */
export interface MapSchema extends Named {
  readonly kind: 'map';
  readonly value: TypeSchema;
}

export interface LeafSchema extends Named {
  readonly kind: LeafKind;
  /** The constants that the source declares for a named string; empty without any. */
  readonly values: readonly string[];
}

/** apiextensions' `JSONSchemaPropsOrBool`, `…OrArray` and `…OrStringArray`: a schema, or the alternative. */
export interface SchemaChoice extends Named {
  readonly kind: 'schemaOrBoolean' | 'schemaOrSchemas' | 'schemaOrStrings';
  readonly schema: TypeSchema;
  /** The type of the alternative: boolean, list of schemas, list of strings. */
  readonly alternative: TypeSchema;
}

export interface Wire {
  readonly number: number;
  readonly kind: 'bytes' | 'varint' | 'fixed64';
  readonly repeated: boolean;
}

export interface FieldSchema {
  readonly inline: false;
  readonly name: string;
  readonly type: TypeSchema;
  /** The Go names of the inline structs around the field, which messages about it include: `['ProbeHandler']`. */
  readonly embedded: readonly string[];
  /** `undefined` when the field is not on the protobuf wire. */
  readonly wire: Wire | undefined;
  readonly omitEmpty: boolean;
  readonly optional: boolean;
  readonly required: boolean;
  /** A nil pointer is distinct from a pointer to a zero value: such a zero is kept. */
  readonly pointer: boolean;
  readonly default: JsonValue | undefined;
  readonly patchStrategy: readonly string[];
  readonly patchMergeKey: string | undefined;
  readonly listType: 'atomic' | 'map' | 'set' | undefined;
  readonly listMapKeys: readonly string[];
  readonly mapType: 'atomic' | 'granular' | undefined;
  readonly structType: 'atomic' | 'granular' | undefined;
  /** What Go encodes for the zero value: nothing, `null`, or the zero of the type. */
  readonly whenAbsent: 'nothing' | 'null' | 'zero';
  /** Whether an empty string, list or map, `0` or `false` counts as absent. */
  readonly dropsEmpty: boolean;
}

/** A struct whose fields stand in the parent's JSON object, and which is a nested message of its own in protobuf. */
export interface InlineMember {
  readonly inline: true;
  readonly type: StructSchema;
  readonly wire: Wire | undefined;
}

/** Finds schemas by Go import path and name. */
export interface SchemaRegistry {
  /** Asserts that the type is known. */
  schemaOf(typeName: string): TypeSchema;
  /** The struct of a built-in kind, lists and options included; `undefined` when no such kind is known. */
  schemaOfKind(group: string, version: string, kind: string): StructSchema | undefined;
  /** Every type name, in the order of the facts. */
  readonly typeNames: readonly string[];
}
