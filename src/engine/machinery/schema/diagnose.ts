/** Says, in Go's words and order, why a body does not decode, or which of its fields are unknown. */
import { goQuote } from '../go-text.js';
import { isJsonObject } from '../structure.js';
import { DecodeError } from './decode-error.js';
import type { Member, RepeatedMembers } from './json-text.js';
import type { Refusal } from './leaf.js';
import { misfit, readLeaf, refusalOfLeaf } from './leaf.js';
import { NumberLiteral } from './number-literal.js';
import type { SchemaChoice, StructSchema, TypeSchema } from './schema.js';

/** Upstream stops counting unknown and repeated fields here. */
const FINDINGS_MAX = 100;

export interface Findings {
  /** Paths of unknown fields. */
  readonly unknown: readonly string[];
  /** Upstream's words for unknown and repeated fields. */
  readonly warnings: readonly string[];
}

/** What upstream's strict decoder finds, in document order; nothing unless `strict`. Throws a `DecodeError` on a misfit. */
export function diagnose(
  schema: StructSchema,
  value: unknown,
  strict: boolean,
  repeated: RepeatedMembers = new Map(),
): Findings {
  const walk = new Walk(strict, repeated);
  const fault = walk.run(schema, value);
  if (fault !== undefined) throw new DecodeError(messageOf(fault));
  return walk.findings;
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
  readonly #repeated: RepeatedMembers;
  /** Upstream says a thing once. */
  readonly #warnings = new Set<string>();
  readonly #unknown: string[] = [];
  /** The first misfit after which Go reads on. */
  #saved: Fault | undefined;

  constructor(strict: boolean, repeated: RepeatedMembers) {
    this.#strict = strict;
    this.#repeated = repeated;
  }

  get findings(): Findings {
    return { unknown: this.#unknown, warnings: [...this.#warnings] };
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
    const seen = new Set<string>();
    for (const [key, each] of this.#membersOf(value)) {
      if (each === undefined) continue;
      const field = schema.fields.get(key);
      const path = place.path === '' ? key : `${place.path}.${key}`;
      if (field === undefined) {
        if (this.#warn('unknown', path)) this.#unknown.push(path);
        continue;
      }
      if (seen.has(key)) this.#warn('duplicate', path);
      seen.add(key);
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
    const seen = new Set<string>();
    for (const [key, each] of this.#membersOf(value)) {
      const path = place.path === '' ? key : `${place.path}.${key}`;
      if (seen.has(key)) this.#warn('duplicate', path);
      seen.add(key);
      const fault = this.#visit(type, each, { ...place, path });
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #membersOf(value: object): readonly Member[] {
    return this.#repeated.get(value) ?? Object.entries(value);
  }

  /** Whether it was news. */
  #warn(what: 'unknown' | 'duplicate', path: string): boolean {
    const words = `${what} field ${goQuote(path)}`;
    if (!this.#strict || this.#warnings.size >= FINDINGS_MAX || this.#warnings.has(words)) return false;
    this.#warnings.add(words);
    return true;
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
  const fault = new Walk(false, new Map()).run(isObject(value) ? schema : alternative, value);
  if (fault === undefined || fault.kind === 'words' || place.struct === '') return fault;
  return { ...fault, struct: place.struct, field: fault.field === '' ? place.field : `${place.field}.${fault.field}` };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isJsonObject(value) && !(value instanceof NumberLiteral);
