/**
 * Writes JSON documents as the protobuf messages that gnostic defines for OpenAPI. A shape lists the fields of a message by
 * ascending number; what proto3 counts as zero is left out.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { TextCodec } from '../../machinery/text-codec.port.js';

type Members = Readonly<Record<string, unknown>>;
/** Writes one field, its key included. */
export type WriteField = (writer: BinaryWriter, value: unknown) => void;
/** The members of a JSON object in order of their fields' numbers; `undefined` hands over the whole object. */
export type MessageShape = readonly (readonly [member: string | undefined, write: WriteField])[];

export function encodeMessage(shape: MessageShape, value: object, text: TextCodec): Uint8Array {
  const writer = new BinaryWriter((each) => text.encode(each));
  writeShape(writer, shape, value);
  return writer.finish();
}

export const string =
  (number: number): WriteField =>
  (writer, value) => {
    if (value !== '') writer.tag(number, WireType.LengthDelimited).string(value as string);
  };

export const boolean =
  (number: number): WriteField =>
  (writer, value) => {
    if (value === true) writer.tag(number, WireType.Varint).bool(true);
  };

export const integer =
  (number: number): WriteField =>
  (writer, value) => {
    if (value !== 0) writer.tag(number, WireType.Varint).int64(value as number);
  };

export const double =
  (number: number): WriteField =>
  (writer, value) => {
    if (value !== 0) writer.tag(number, WireType.Bit64).double(value as number);
  };

/** One of several members that exclude each other: it is written where it is zero, too, else nobody knew which it is. */
export const chosen =
  (number: number): WriteField =>
  (writer, value) => {
    if (typeof value === 'string') writer.tag(number, WireType.LengthDelimited).string(value);
    else if (typeof value === 'number') writer.tag(number, WireType.Bit64).double(value);
    else if (typeof value === 'boolean') writer.tag(number, WireType.Varint).bool(value);
  };

/** A value of any form, as a text of YAML: JSON is that. */
export const any = (number: number): WriteField => message(number, ANY);

const ANY: MessageShape = [
  [
    undefined,
    (writer, value) => {
      string(2)(writer, `${JSON.stringify(value)}\n`);
    },
  ],
];

export const list =
  (write: WriteField): WriteField =>
  (writer, values) => {
    for (const each of values as readonly unknown[]) write(writer, each);
  };

/** `shape` may be given as a function, for messages that contain themselves. */
export const message =
  (number: number, shape: MessageShape | (() => MessageShape)): WriteField =>
  (writer, value) => {
    writer.tag(number, WireType.LengthDelimited).fork();
    writeShape(writer, typeof shape === 'function' ? shape() : shape, value as object);
    writer.join();
  };

/** A map as gnostic has it: repeated messages of `name = 1` and `value = 2`. */
export const named =
  (number: number, writeValue: WriteField, isMember = (_name: string): boolean => true): WriteField =>
  (writer, members) => {
    for (const [name, value] of Object.entries(members as Members)) {
      if (!isMember(name)) continue;
      writer.tag(number, WireType.LengthDelimited).fork();
      string(1)(writer, name);
      writeValue(writer, value);
      writer.join();
    }
  };

/** Members whose names begin with `x-`. */
export const extensions = (number: number): WriteField => named(number, any(2), (name) => name.startsWith('x-'));

function writeShape(writer: BinaryWriter, shape: MessageShape, value: object): void {
  for (const [member, write] of shape) {
    const field = member === undefined ? value : (value as Members)[member];
    if (field !== undefined) write(writer, field);
  }
}
