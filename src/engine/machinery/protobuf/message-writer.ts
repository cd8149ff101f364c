/**
 * Objects as protobuf messages, written as Go's generated code writes them: fields by ascending number, zero values of
 * fields without pointers too, maps sorted by key. Driven by the schemas' wire numbers; no type has code of its own.
 */
import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { assert, InvariantViolation } from '../../kernel/assert.js';
import type {
  FieldSchema,
  InlineMember,
  ListSchema,
  MapSchema,
  SchemaChoice,
  StructSchema,
  TypeSchema,
} from '../schema/schema.js';
import { DELIMITED, keyOfField, leafWriter, type LeafWriter, VARINT, wireTypeOf } from './wire-leaf.js';

type JsonMembers = Readonly<Record<string, unknown>>;

/** A member of a struct: its key, its value, or nothing where Go writes nothing. */
interface MemberPlan {
  readonly number: number;
  /** `undefined` for an inline struct, whose fields stand in the parent's object. */
  readonly name: string | undefined;
  readonly write: LeafWriter;
}
type MessagePlan = readonly MemberPlan[];

const EMPTY: JsonMembers = Object.freeze({});
const KEY_OF_FIRST = keyOfField(1, DELIMITED);
const KEY_OF_SECOND = keyOfField(2, DELIMITED);

/** Writes messages of schemas; what each schema asks for is found out once. */
export class MessageWriters {
  readonly #plans = new WeakMap<StructSchema, MessagePlan>();

  /** The fields of the message, without a length before them. */
  write(schema: StructSchema, writer: BinaryWriter, value: object): void {
    writeMembers(this.#planOf(schema), writer, value as JsonMembers);
  }

  #planOf(schema: StructSchema): MessagePlan {
    const known = this.#plans.get(schema);
    if (known !== undefined) return known;
    const plan = schema.members.flatMap((member) => this.#member(member)).sort((a, b) => a.number - b.number);
    this.#plans.set(schema, plan);
    return plan;
  }

  #member(member: FieldSchema | InlineMember): readonly MemberPlan[] {
    const { wire, type } = member;
    if (wire === undefined) return [];
    const { number } = wire;
    if (member.inline) return [{ number, name: undefined, write: keyed(number, DELIMITED, this.#value(type)) }];
    const { name, pointer } = member;
    if (type.kind === 'map') return [{ number, name, write: this.#map(number, type) }];
    if (type.kind === 'list' && wire.repeated) return [{ number, name, write: this.#list(number, type) }];
    const write = keyed(number, wireTypeOf(type), this.#value(type));
    // Nil slices are no pointers, but are left out all the same.
    const isNullable = pointer || type.kind === 'bytes' || type.kind === 'list';
    return [{ number, name, write: isNullable ? orNothing(write) : write }];
  }

  #list(number: number, { element }: ListSchema): LeafWriter {
    const write = keyed(number, wireTypeOf(element), this.#value(element));
    return (writer, value) => {
      if (!Array.isArray(value)) return;
      for (const each of value) write(writer, each);
    };
  }

  #map(number: number, schema: MapSchema): LeafWriter {
    const key = keyOfField(number, DELIMITED);
    const writeValue = keyed(2, wireTypeOf(schema.value), this.#value(schema.value));
    const write = schema.value.kind === 'bytes' ? orNothing(writeValue) : writeValue;
    return (writer, value) => {
      if (typeof value !== 'object' || value === null) return;
      const entries = value as JsonMembers;
      for (const name of sortedKeys(entries)) {
        writer.uint32(key).fork();
        writer.uint32(KEY_OF_FIRST).string(name);
        write(writer, entries[name]);
        writer.join();
      }
    };
  }

  /** A value without its key; `undefined` and null stand for Go's zero. */
  #value(type: TypeSchema): LeafWriter {
    switch (type.kind) {
      case 'struct':
        return this.#message(type);
      case 'list':
        return this.#listMessage(type);
      case 'map':
        throw new InvariantViolation(`${type.goName} within a list or map has no place on the wire`);
      case 'schemaOrBoolean':
      case 'schemaOrSchemas':
      case 'schemaOrStrings':
        return this.#choice(type);
      default:
        return leafWriter(type.kind);
    }
  }

  /** Types may contain themselves: what a message holds is found out when one is first met. */
  #message(schema: StructSchema): LeafWriter {
    let plan: MessagePlan | undefined;
    return (writer, value) => {
      plan ??= this.#planOf(schema);
      writer.fork();
      writeMembers(plan, writer, (value as JsonMembers | undefined | null) ?? EMPTY);
      writer.join();
    };
  }

  /** A named list that may be nil: a message with `items = 1`. */
  #listMessage(type: ListSchema): LeafWriter {
    const items = this.#list(1, type);
    return (writer, value) => {
      writer.fork();
      items(writer, value);
      writer.join();
    };
  }

  #choice({ kind, schema, alternative }: SchemaChoice): LeafWriter {
    const writeSchema = this.#value(schema);
    if (kind === 'schemaOrBoolean') {
      return (writer, value) => {
        const isSchema = typeof value === 'object' && value !== null;
        writer
          .fork()
          .uint32(keyOfField(1, VARINT))
          .bool(isSchema || value === true);
        if (isSchema) writeSchema(writer.uint32(KEY_OF_SECOND), value);
        writer.join();
      };
    }
    assert(alternative.kind === 'list', `the alternative of ${kind} is no list`);
    const writeList = this.#list(2, alternative);
    return (writer, value) => {
      writer.fork();
      if (Array.isArray(value)) writeList(writer, value);
      else if (typeof value === 'object' && value !== null) writeSchema(writer.uint32(KEY_OF_FIRST), value);
      writer.join();
    };
  }
}

function writeMembers(plan: MessagePlan, writer: BinaryWriter, value: JsonMembers): void {
  for (const { name, write } of plan) write(writer, name === undefined ? value : value[name]);
}

function keyed(number: number, wireType: number, write: LeafWriter): LeafWriter {
  const key = keyOfField(number, wireType);
  return (writer, value) => write(writer.uint32(key), value);
}

const orNothing =
  (write: LeafWriter): LeafWriter =>
  (writer, value) => {
    if (value !== undefined && value !== null) write(writer, value);
  };

function sortedKeys(entries: JsonMembers): readonly string[] {
  const keys = Object.keys(entries);
  for (let at = 1; at < keys.length; at++) {
    if (keys[at - 1]! > keys[at]!) return keys.sort();
  }
  return keys;
}
