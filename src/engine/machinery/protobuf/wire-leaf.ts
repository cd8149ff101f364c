/** The messages and scalars that leaves are on the wire: each written from, and read into, the JSON that stands for it. */
import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { base64Decode, base64Encode } from '@bufbuild/protobuf/wire';
import { assert } from '../../kernel/assert.js';
import { encodeJson } from '../json/encode-json.js';
import { DecodeError } from '../schema/decode-error.js';
import { parseGoDuration, formatGoDuration } from '../schema/go-duration.js';
import type { LeafKind, TypeSchema } from '../schema/schema.js';
import type { JsonValue } from '../structure.js';
import { type FieldSource, readNumber } from './field-reader.js';

export const VARINT = 0;
const FIXED_64 = 1;
export const DELIMITED = 2;

/** The key of a field before its value. */
export const keyOfField = (number: number, wireType: number): number => ((number << 3) | wireType) >>> 0;

const FIRST = { varint: keyOfField(1, VARINT), delimited: keyOfField(1, DELIMITED) };
const SECOND = { varint: keyOfField(2, VARINT), delimited: keyOfField(2, DELIMITED) };
const THIRD_DELIMITED = keyOfField(3, DELIMITED);
const UINT32_MAX = 0xffff_ffff;
const INT64_MAX = 2n ** 63n - 1n;
const MILLISECONDS = 1_000;
const SECONDS_MAX = 253_402_300_799;
const SECONDS_MIN = -62_167_219_200;

export type LeafWriter = (writer: BinaryWriter, value: unknown) => void;

export function wireTypeOf({ kind }: TypeSchema): number {
  if (kind === 'boolean' || kind === 'int32' || kind === 'int64') return VARINT;
  return kind === 'float64' ? FIXED_64 : DELIMITED;
}

/** Writes a value without its key; `undefined` and null stand for Go's zero. */
export function leafWriter(kind: LeafKind): LeafWriter {
  switch (kind) {
    case 'string':
      return (writer, value) => void writer.string((value as string | undefined) ?? '');
    case 'boolean':
      return (writer, value) => void writer.bool(value === true);
    case 'int32':
      return (writer, value) => void writer.int32((value as number | undefined) ?? 0);
    case 'int64':
      return (writer, value) => writeInt64(writer, (value as number | bigint | undefined) ?? 0);
    case 'float64':
      return (writer, value) => void writer.double((value as number | undefined) ?? 0);
    case 'bytes':
      return (writer, value) => void writer.bytes(base64Decode((value as string | undefined) ?? ''));
    case 'quantity':
      return (writer, value) => void writer.fork().uint32(FIRST.delimited).string(quantityText(value)).join();
    case 'intOrString':
      return writeIntOrString;
    case 'time':
    case 'microTime':
      return writeTime;
    case 'duration':
      return writeDuration;
    case 'json':
    case 'rawExtension':
    case 'fieldsV1':
      return writeFreeJson;
    case 'any':
      return () => assert(false, 'a value of any type is not on the wire');
  }
}

/** Numbers beyond 2^53 are not exact in JSON of this engine: the greatest stands for itself. */
function writeInt64(writer: BinaryWriter, value: number | bigint): void {
  if (typeof value === 'number' && value >= 0 && value <= UINT32_MAX) writer.uint32(value);
  else writer.int64(BigInt(value) > INT64_MAX ? INT64_MAX : BigInt(value));
}

const quantityText = (value: unknown): string => (typeof value === 'string' ? value : String(value ?? '0'));

function writeIntOrString(writer: BinaryWriter, value: unknown): void {
  const isText = typeof value === 'string';
  writer.fork();
  writer.uint32(FIRST.varint).uint32(isText ? 1 : 0);
  writer.uint32(SECOND.varint).int32(typeof value === 'number' ? value : 0);
  writer.uint32(THIRD_DELIMITED).string(isText ? value : '');
  writer.join();
}

/** The zero time is the empty message. */
function writeTime(writer: BinaryWriter, value: unknown): void {
  writer.fork();
  if (typeof value === 'string') {
    const seconds = Date.parse(`${value.slice(0, 19)}Z`) / MILLISECONDS;
    writer.uint32(FIRST.varint);
    writeInt64(writer, seconds);
    writer.uint32(SECOND.varint).uint32(value.length > 20 ? nanosecondsOf(value) : 0);
  }
  writer.join();
}

/** `2026-01-02T03:04:05.678901Z` → 678,901,000. */
const nanosecondsOf = (time: string): number => Number(time.slice(20, -1).padEnd(9, '0').slice(0, 9));

function writeDuration(writer: BinaryWriter, value: unknown): void {
  const parsed = typeof value === 'string' ? parseGoDuration(value) : { nanoseconds: 0n };
  assert('nanoseconds' in parsed, 'a stored duration cannot be read');
  writer.fork().uint32(FIRST.varint).int64(parsed.nanoseconds).join();
}

function writeFreeJson(writer: BinaryWriter, value: unknown): void {
  writer.fork();
  if (value !== undefined && value !== null) writer.uint32(FIRST.delimited).string(encodeJson(value));
  writer.join();
}

/** Reads one scalar; the leaves that are messages are read part by part. */
export function readScalar(kind: LeafKind, source: FieldSource): JsonValue {
  const { reader } = source;
  switch (kind) {
    case 'string':
      return reader.string();
    case 'boolean':
      return reader.bool();
    case 'int32':
      return reader.int32();
    case 'int64':
      return readNumber(source);
    case 'float64':
      return finite(reader.double());
    default:
      assert(kind === 'bytes', `${kind} is no scalar`);
      return base64Encode(reader.bytes());
  }
}

/** What a leaf's message held: `int1` of field 1, and so on; `undefined` where it held none. */
export interface LeafFields {
  int1?: number | bigint;
  int2?: number | bigint;
  bytes1?: Uint8Array;
  text3?: string;
}

type LeafPart = keyof LeafFields;

/** The fields that a leaf's message has, in order of their numbers. */
export const LEAF_PARTS: Readonly<Partial<Record<LeafKind, readonly LeafPart[]>>> = Object.freeze({
  quantity: ['bytes1'],
  intOrString: ['int1', 'int2', 'text3'],
  time: ['int1', 'int2'],
  microTime: ['int1', 'int2'],
  duration: ['int1'],
  json: ['bytes1'],
  rawExtension: ['bytes1'],
  fieldsV1: ['bytes1'],
});

export function readLeafPart(part: LeafPart, source: FieldSource, fields: LeafFields): void {
  const { reader } = source;
  if (part === 'bytes1') fields.bytes1 = reader.bytes();
  else if (part === 'text3') fields.text3 = reader.string();
  else fields[part] = readNumber(source);
}

export const wireTypeOfPart = (part: LeafPart): number => (part === 'bytes1' || part === 'text3' ? DELIMITED : VARINT);

/** The JSON of a leaf's time: @throws DecodeError for years that no text can tell. */
export function timeText(kind: 'time' | 'microTime', fields: LeafFields): string {
  const seconds = Number(fields.int1 ?? 0);
  if (seconds > SECONDS_MAX || seconds < SECONDS_MIN) {
    throw new DecodeError('Time.MarshalJSON: year outside of range [0,9999]');
  }
  const whole = new Date(seconds * MILLISECONDS).toISOString().slice(0, 19);
  if (kind === 'time') return `${whole}Z`;
  const micros = Math.trunc(Number(fields.int2 ?? 0) / 1_000);
  return `${whole}.${String(micros).padStart(6, '0')}Z`;
}

export const durationText = ({ int1 = 0 }: LeafFields): string => formatGoDuration(BigInt(int1));

/** JSON has no other numbers. */
function finite(value: number): number {
  if (!Number.isFinite(value)) throw new DecodeError(`json: unsupported value: ${value < 0 ? '-Inf' : String(value)}`);
  return value;
}
