/** `runtime.Unknown` behind four magic bytes: how every protobuf body names what it holds; and the frames of watches. */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { DecodeError } from '../schema/decode-error.js';
import type { TextCodec } from '../text-codec.port.js';
import { eachField, type FieldSource, inGoWords, nested } from './field-reader.js';
import { DELIMITED, keyOfField } from './wire-leaf.js';

interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  /** The message. */
  readonly raw: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const PREFIX = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);
const TYPE_META = keyOfField(1, DELIMITED);
const RAW = keyOfField(2, DELIMITED);
const API_VERSION = keyOfField(1, DELIMITED);
const KIND = keyOfField(2, DELIMITED);
const EVENT_TYPE = keyOfField(1, DELIMITED);
const EVENT_OBJECT = keyOfField(2, DELIMITED);
const EXTENSION_RAW = keyOfField(1, DELIMITED);
const NO_LENGTH = new Uint8Array(4);
/** Content encoding and content type, both empty. */
const END = Uint8Array.of(keyOfField(3, DELIMITED), 0, keyOfField(4, DELIMITED), 0);

const noText = (): Uint8Array => NOTHING;

/** The parts of the envelope around the parts of a message. */
export function enveloped(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  message: readonly Uint8Array[],
  text: TextCodec,
): readonly Uint8Array[] {
  let length = 0;
  for (const part of message) length += part.length;
  const head = new BinaryWriter((part) => text.encode(part));
  head.raw(PREFIX).uint32(TYPE_META).fork();
  head.uint32(API_VERSION).string(apiVersion).uint32(KIND).string(kind).join();
  head.uint32(RAW).uint32(length);
  return [head.finish(), ...message, END];
}

/** A repeated field of messages, in bytes of their own. */
export function messageList(number: number, messages: readonly Uint8Array[]): Uint8Array {
  const key = keyOfField(number, DELIMITED);
  const heads: Uint8Array[] = [];
  const writer = new BinaryWriter(noText);
  let length = 0;
  for (const message of messages) {
    const head = writer.uint32(key).uint32(message.length).finish();
    heads.push(head);
    length += head.length + message.length;
  }
  const list = new Uint8Array(length);
  let at = 0;
  for (const [index, message] of messages.entries()) {
    const head = heads[index] ?? NOTHING;
    list.set(head, at);
    list.set(message, at + head.length);
    at += head.length + message.length;
  }
  return list;
}

/** One event of a watch: four bytes of length, then a `WatchEvent` with the enveloped object as its raw extension. */
export function framedEvent(type: string, object: Uint8Array, text: TextCodec): Uint8Array {
  const writer = new BinaryWriter((part) => text.encode(part));
  writer.raw(NO_LENGTH).uint32(EVENT_TYPE).string(type);
  writer.uint32(EVENT_OBJECT).fork().uint32(EXTENSION_RAW).bytes(object).join();
  const framed = writer.finish();
  new DataView(framed.buffer, framed.byteOffset).setUint32(0, framed.length - NO_LENGTH.length);
  return framed;
}

export function isEnveloped(bytes: Uint8Array): boolean {
  return bytes.length >= PREFIX.length && PREFIX.every((byte, index) => bytes[index] === byte);
}

/** @throws DecodeError in upstream's words */
export function readEnvelope(bytes: Uint8Array, text: TextCodec): Envelope {
  if (bytes.length === 0) throw new DecodeError('empty data');
  if (!isEnveloped(bytes)) {
    const fault = `provided data does not appear to be a protobuf message, expected prefix [${PREFIX.join(' ')}]`;
    throw new DecodeError(fault);
  }
  if (bytes.length === PREFIX.length) throw new DecodeError('empty body');
  const unknown = bytes.subarray(PREFIX.length);
  const reader = new BinaryReader(unknown, (part) => text.decode(part));
  return inGoWords(() => unknownOf({ reader, bytes: unknown, depth: 0 }));
}

function unknownOf(source: FieldSource): Envelope {
  const { reader } = source;
  const texts = ['', ''];
  let raw: Uint8Array = NOTHING;
  eachField(source, reader.len, 'Unknown', (number, wireType) => {
    if (wireType !== DELIMITED) return false;
    if (number === 2) raw = reader.bytes();
    else if (number !== 1) return false;
    else nested(source, (end) => eachField(source, end, 'TypeMeta', (part) => readText(reader, part, texts)));
    return true;
  });
  const [apiVersion = '', kind = ''] = texts;
  return { apiVersion, kind, raw };
}

function readText(reader: BinaryReader, number: number, texts: string[]): boolean {
  if (number > texts.length) return false;
  texts[number - 1] = reader.string();
  return true;
}
