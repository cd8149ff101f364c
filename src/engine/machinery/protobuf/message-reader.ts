/**
 * Protobuf messages as the JSON that they stand for, not yet in canonical form: `decode` does the rest, as for a client's JSON.
 * Mirrors Go's generated `Unmarshal`, words of refusal included: unknown fields are passed over, a message that comes twice
 * is merged, packed numbers are taken. Left out: nesting beyond what the engine follows is refused.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { InvariantViolation } from '../../kernel/assert.js';
import { parseJson } from '../json/parse-json.js';
import { DecodeError } from '../schema/decode-error.js';
import type { FieldSchema, InlineMember, LeafKind, SchemaChoice, StructSchema, TypeSchema } from '../schema/schema.js';
import { ownValue, type ParsedValue, setOwn } from '../structure.js';
import type { TextCodec } from '../text-codec.port.js';
import {
  eachField,
  END_GROUP,
  endUnexpected,
  enter,
  type FieldSource,
  inGoWords,
  leave,
  nested,
  passOver,
} from './field-reader.js';
import {
  DELIMITED,
  durationText,
  LEAF_PARTS,
  type LeafFields,
  readLeafPart,
  readScalar,
  timeText,
  wireTypeOf,
  wireTypeOfPart,
} from './wire-leaf.js';

export type ReadObject = Record<string, ParsedValue>;

interface Pass extends FieldSource {
  readonly text: TextCodec;
  /** Reads the JSON of bytes that hold an object in an envelope of its own. */
  readonly readEnveloped: (bytes: Uint8Array) => ParsedValue | undefined;
}

/** Reads a value behind its key. `known` is what an earlier field of the same number left. */
type ValueReader = (pass: Pass, known: ParsedValue | undefined) => ParsedValue;

interface MemberPlan {
  readonly wireType: number;
  /** Whether numbers may come as one packed field. */
  readonly isPackable: boolean;
  readonly goName: string;
  read(pass: Pass, target: ReadObject, wireType: number): void;
}
interface MessagePlan {
  readonly name: string;
  /** By field number. */
  readonly members: readonly (MemberPlan | undefined)[];
}

/** Reads messages of schemas; what each schema says is found out once. */
export class MessageReaders {
  readonly #plans = new WeakMap<StructSchema, MessagePlan>();

  /** @throws DecodeError in the words of Go's generated code */
  read(
    schema: StructSchema,
    bytes: Uint8Array,
    text: TextCodec,
    readEnveloped: (bytes: Uint8Array) => ParsedValue | undefined = () => undefined,
  ): ReadObject {
    const reader = new BinaryReader(bytes, (part) => text.decode(part));
    const target: ReadObject = {};
    return inGoWords(() => {
      fill(this.#planOf(schema), { reader, bytes, text, readEnveloped, depth: 0 }, reader.len, target);
      return target;
    });
  }

  #planOf(schema: StructSchema): MessagePlan {
    const known = this.#plans.get(schema);
    if (known !== undefined) return known;
    const numbers = schema.members.map(({ wire }) => wire?.number ?? 0);
    const members = new Array<MemberPlan | undefined>(Math.max(0, ...numbers) + 1).fill(undefined);
    for (const member of schema.members) {
      if (member.wire !== undefined) members[member.wire.number] = this.#member(member);
    }
    const plan = { name: schema.name, members };
    this.#plans.set(schema, plan);
    return plan;
  }

  #member(member: FieldSchema | InlineMember): MemberPlan {
    const { type } = member;
    if (member.inline) {
      return { wireType: DELIMITED, isPackable: false, goName: member.type.name, read: this.#message(member.type) };
    }
    const { name } = member;
    const goName = goNameOf(name, type);
    if (type.kind === 'map')
      return { wireType: DELIMITED, isPackable: false, goName, read: this.#map(name, type.value) };
    if (type.kind === 'list' && member.wire?.repeated === true) return this.#list(name, goName, type.element);
    const readValue = this.#value(type);
    const read = (pass: Pass, target: ReadObject): void => {
      target[name] = readValue(pass, ownValue(target, name));
    };
    return { wireType: wireTypeOf(type), isPackable: false, goName, read };
  }

  /** Types may contain themselves: what a message holds is found out when one is first met. */
  #message(schema: StructSchema): (pass: Pass, target: ReadObject) => void {
    let plan: MessagePlan | undefined;
    return (pass, target) => {
      plan ??= this.#planOf(schema);
      fill(plan, pass, enter(pass), target);
      leave(pass);
    };
  }

  #list(name: string, goName: string, element: TypeSchema): MemberPlan {
    const readValue = this.#value(element);
    const wireType = wireTypeOf(element);
    const read = (pass: Pass, target: ReadObject, given: number): void => {
      const items = (ownValue(target, name) ?? (target[name] = [])) as ParsedValue[];
      if (given === wireType) items.push(readValue(pass, undefined));
      else {
        nested(pass, (end) => {
          while (pass.reader.pos < end) items.push(readValue(pass, undefined));
        });
      }
    };
    return { wireType, isPackable: wireType !== DELIMITED, goName, read };
  }

  #map(name: string, type: TypeSchema): MemberPlan['read'] {
    const readValue = this.#value(type);
    const valueWireType = wireTypeOf(type);
    return (pass, target) => {
      const entries = (ownValue(target, name) ?? (target[name] = {})) as ReadObject;
      let key = '';
      let value: ParsedValue | undefined;
      nested(pass, (end) =>
        eachField(pass, end, 'map', (number, wireType) => {
          if (number === 1 && wireType === DELIMITED) key = pass.reader.string();
          else if (number === 2 && wireType === valueWireType) value = readValue(pass, undefined);
          else return false;
          return true;
        }),
      );
      // A null is read as the zero of the type; that of bytes is the empty list.
      setOwn(entries, key, value ?? (type.kind === 'bytes' ? '' : null));
    };
  }

  #value(type: TypeSchema): ValueReader {
    switch (type.kind) {
      case 'struct': {
        const read = this.#message(type);
        return (pass, known) => {
          const target = (known ?? {}) as ReadObject;
          read(pass, target);
          return target;
        };
      }
      case 'list':
        return this.#listMessage(type.element);
      case 'map':
        throw new InvariantViolation(`${type.goName} within a list or map has no place on the wire`);
      case 'schemaOrBoolean':
      case 'schemaOrSchemas':
      case 'schemaOrStrings':
        return this.#choice(type);
      default: {
        const parts = LEAF_PARTS[type.kind];
        return parts === undefined ? scalarReader(type.kind) : leafReader(type.kind, parts);
      }
    }
  }

  /** A named list that may be nil: a message with `items = 1`. */
  #listMessage(element: TypeSchema): ValueReader {
    const readValue = this.#value(element);
    return (pass, known) => {
      const items = (known ?? []) as ParsedValue[];
      nested(pass, (end) =>
        eachField(pass, end, 'items', (number) => {
          if (number !== 1) return false;
          items.push(readValue(pass, undefined));
          return true;
        }),
      );
      return items;
    };
  }

  #choice({ kind, schema, alternative }: SchemaChoice): ValueReader {
    const readSchema = this.#value(schema);
    const schemaNumber = kind === 'schemaOrBoolean' ? 2 : 1;
    const readElement = alternative.kind === 'list' ? this.#value(alternative.element) : undefined;
    return (pass) => {
      let allows = false;
      let given: ParsedValue | undefined;
      let list: ParsedValue[] | undefined;
      nested(pass, (end) =>
        eachField(pass, end, kind, (number) => {
          if (number === schemaNumber) given = readSchema(pass, given);
          else if (number === 1) allows = pass.reader.bool();
          else if (number === 2 && readElement !== undefined) (list ??= []).push(readElement(pass, undefined));
          else return false;
          return true;
        }),
      );
      return given ?? list ?? (kind === 'schemaOrBoolean' ? allows : null);
    };
  }
}

function fill(plan: MessagePlan, pass: Pass, end: number, target: ReadObject): void {
  const { reader } = pass;
  const { members } = plan;
  while (reader.pos < end) {
    const key = reader.uint32();
    const member = members[key >>> 3];
    const wireType = key & 7;
    if (member === undefined || wireType === END_GROUP) passOver(pass, key, plan.name);
    else if (wireType === member.wireType || (member.isPackable && wireType === DELIMITED)) {
      member.read(pass, target, wireType);
    } else throw new DecodeError(`proto: wrong wireType = ${wireType} for field ${member.goName}`);
    if (reader.pos > end) throw endUnexpected();
  }
}

function scalarReader(kind: LeafKind): ValueReader {
  return kind === 'string' ? ({ reader }) => reader.string() : (pass) => readScalar(kind, pass);
}

function leafReader(kind: LeafKind, parts: readonly (keyof LeafFields)[]): ValueReader {
  return (pass) => {
    const { reader } = pass;
    const fields: LeafFields = {};
    const end = enter(pass);
    const isEmpty = reader.pos === end;
    while (reader.pos < end) {
      const key = reader.uint32();
      const part = parts[(key >>> 3) - 1];
      if (part === undefined || (key & 7) !== wireTypeOfPart(part)) passOver(pass, key, kind);
      else readLeafPart(part, pass, fields);
      if (reader.pos > end) throw endUnexpected();
    }
    leave(pass);
    return leafOf(kind, fields, isEmpty, pass);
  };
}

function leafOf(kind: LeafKind, fields: LeafFields, isEmpty: boolean, pass: Pass): ParsedValue {
  switch (kind) {
    case 'quantity':
      return fields.bytes1 === undefined ? '0' : pass.text.decode(fields.bytes1);
    case 'intOrString':
      return fields.int1 === undefined || Number(fields.int1) === 0 ? (fields.int2 ?? 0) : (fields.text3 ?? '');
    case 'time':
    case 'microTime':
      return isEmpty ? null : timeText(kind, fields);
    case 'duration':
      return durationText(fields);
    default:
      return fields.bytes1 === undefined ? null : freeJson(fields.bytes1, pass);
  }
}

function freeJson(bytes: Uint8Array, { text, readEnveloped }: Pass): ParsedValue {
  if (bytes.length === 0) return null;
  const enveloped = readEnveloped(bytes);
  if (enveloped !== undefined) return enveloped;
  const { value, fault } = parseJson(text.decode(bytes));
  if (fault !== undefined) throw new DecodeError(fault);
  return value;
}

const INITIALISMS = /^(?:api|ip|uid|url|tls|cidr|dns|fs|gid|id)(?=[A-Z]|s?$)/;

/** The Go name of a field, as far as its JSON name tells it. */
function goNameOf(name: string, type: TypeSchema): string {
  if (name === 'metadata' && type.kind === 'struct') return type.name;
  const initialism = INITIALISMS.exec(name)?.[0] ?? name.charAt(0);
  return initialism.toUpperCase() + name.slice(initialism.length);
}
