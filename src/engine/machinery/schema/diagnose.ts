/** Says, in Go's words and order, why a body does not decode, or which of its fields are unknown. */
import { isJsonObject } from '../structure.js';
import { DecodeError } from './decode-error.js';
import type { Refusal } from './leaf.js';
import { misfit, readLeaf, refusalOfLeaf } from './leaf.js';
import { NumberLiteral } from './number-literal.js';
import type { SchemaChoice, StructSchema, TypeSchema } from './schema.js';

/** Upstream stops counting unknown fields here. */
const UNKNOWN_MAX = 100;

/** Paths of unknown fields in document order (none unless `strict`). Throws a `DecodeError` when a value does not fit. */
export function diagnose(schema: StructSchema, value: unknown, strict: boolean): readonly string[] {
  const walk = new Walk(strict);
  const fault = walk.run(schema, value);
  if (fault !== undefined) throw new DecodeError(messageOf(fault));
  return walk.unknown;
}

/** Where the walk is: the Go struct and the dotted fields for messages, the path with indexes for unknown fields. */
interface Place {
  readonly struct: string;
  readonly field: string;
  readonly path: string;
}

const START: Place = { struct: '', field: '', path: '' };

type Fault =
  | { readonly kind: 'words'; readonly message: string }
  | {
      readonly kind: 'type';
      readonly found: string;
      readonly goName: string;
      readonly struct: string;
      readonly field: string;
    };

function messageOf(fault: Fault): string {
  if (fault.kind === 'words') return fault.message;
  const { found, goName, struct, field } = fault;
  return struct === '' && field === ''
    ? `json: cannot unmarshal ${found} into Go value of type ${goName}`
    : `json: cannot unmarshal ${found} into Go struct field ${struct}.${field} of type ${goName}`;
}

class Walk {
  readonly #strict: boolean;
  readonly #unknown = new Set<string>();
  /** The first misfit after which Go reads on. */
  #saved: Fault | undefined;

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  get unknown(): readonly string[] {
    return [...this.#unknown];
  }

  /** A fault of a type that decodes itself ends the walk and goes before an earlier, saved one. */
  run(schema: TypeSchema, value: unknown): Fault | undefined {
    return this.#visit(schema, value, START) ?? this.#saved;
  }

  #visit(schema: TypeSchema, value: unknown, place: Place): Fault | undefined {
    if (value === null || value === undefined) return undefined;
    switch (schema.kind) {
      case 'struct':
        return this.#visitStruct(schema, value, place);
      case 'list':
        return this.#visitList(schema, value, place);
      case 'map':
        return this.#visitMap(schema, value, place);
      case 'schemaOrBoolean':
      case 'schemaOrSchemas':
      case 'schemaOrStrings':
        return visitChoice(schema, value, place);
      case 'bytes':
        if (Array.isArray(value)) return this.#visitBytes(value, place);
        break;
      default:
    }
    if (readLeaf(schema.kind, value) !== undefined) return undefined;
    return this.#refuse(refusalOfLeaf(schema.kind, schema.goName, value), place);
  }

  #visitStruct(schema: StructSchema, value: unknown, place: Place): Fault | undefined {
    if (!isObject(value)) return this.#refuse(misfit(value, schema.goName, false), place);
    for (const [key, each] of Object.entries(value)) {
      if (each === undefined) continue;
      const field = schema.fields.get(key);
      const path = place.path === '' ? key : `${place.path}.${key}`;
      if (field === undefined) {
        if (this.#strict && this.#unknown.size < UNKNOWN_MAX) this.#unknown.add(path);
        continue;
      }
      const names = [...field.embedded, key].join('.');
      const inner = { struct: schema.name, field: place.field === '' ? names : `${place.field}.${names}`, path };
      const fault = this.#visit(field.type, each, inner);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #visitList(
    { element, goName }: { element: TypeSchema; goName: string },
    value: unknown,
    place: Place,
  ): Fault | undefined {
    if (!Array.isArray(value)) return this.#refuse(misfit(value, goName, false), place);
    for (const [index, each] of value.entries()) {
      const fault = this.#visit(element, each, { ...place, path: `${place.path}[${index}]` });
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #visitMap(
    { value: type, goName }: { value: TypeSchema; goName: string },
    value: unknown,
    place: Place,
  ): Fault | undefined {
    if (!isObject(value)) return this.#refuse(misfit(value, goName, false), place);
    for (const [key, each] of Object.entries(value)) {
      const fault = this.#visit(type, each, { ...place, path: place.path === '' ? key : `${place.path}.${key}` });
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #visitBytes(value: readonly unknown[], place: Place): Fault | undefined {
    for (const each of value) {
      if (readLeaf('bytes', [each]) === undefined) this.#refuse(misfit(each, 'uint8', false), place);
    }
    return undefined;
  }

  #refuse(refusal: Refusal, { struct, field }: Place): Fault | undefined {
    const { isImmediate, ...rest } = refusal;
    const fault: Fault = rest.kind === 'words' ? rest : { ...rest, struct, field };
    if (isImmediate) return fault;
    this.#saved ??= fault;
    return undefined;
  }
}

/** A decoder of its own, whose fault ends the outer one; the inner field names follow the outer ones. */
function visitChoice({ kind, schema, alternative }: SchemaChoice, value: unknown, place: Place): Fault | undefined {
  if (kind === 'schemaOrBoolean' && !isObject(value)) {
    return typeof value === 'boolean' ? undefined : { kind: 'words', message: 'boolean or JSON schema expected' };
  }
  if (!isObject(value) && !Array.isArray(value)) return undefined;
  const fault = new Walk(false).run(isObject(value) ? schema : alternative, value);
  if (fault === undefined || fault.kind === 'words' || place.struct === '') return fault;
  return { ...fault, struct: place.struct, field: fault.field === '' ? place.field : `${place.field}.${fault.field}` };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isJsonObject(value) && !(value instanceof NumberLiteral);
