/** The fields of protobuf messages, one after the other, with the refusals of Go's generated code. */
import type { BinaryReader } from '@bufbuild/protobuf/wire';
import { DecodeError } from '../schema/decode-error.js';
import { VALUE_DEPTH_MAX } from '../structure.js';

/** One reading of one message. */
export interface FieldSource {
  readonly reader: BinaryReader;
  /** What the reader reads. */
  readonly bytes: Uint8Array;
  /** How many messages are being read within each other. */
  depth: number;
}

export const END_GROUP = 4;
const WIRE_TYPE_MAX = 5;
/** A varint of so many bytes, the last of them no greater, has 32 bits. */
const VARINT_BYTES_32 = 5;
const LAST_OF_32 = 0x0f;
const UNEXPECTED_END = 'unexpected EOF';

/** Visits the fields up to `end`; those that `read` does not take are passed over. */
export function eachField(
  source: FieldSource,
  end: number,
  messageName: string,
  read: (number: number, wireType: number) => boolean,
): void {
  const { reader } = source;
  while (reader.pos < end) {
    const key = reader.uint32();
    if (!read(key >>> 3, key & 7)) passOver(source, key, messageName);
    if (reader.pos > end) throw endUnexpected();
  }
}

/** Skips a field that nobody knows, behind its key. */
export function passOver({ reader }: FieldSource, key: number, messageName: string): void {
  const number = key >>> 3;
  const wireType = key & 7;
  if (wireType === END_GROUP) throw new DecodeError(`proto: ${messageName}: wiretype end group for non-group`);
  if (number === 0) throw new DecodeError(`proto: ${messageName}: illegal tag 0 (wire type ${wireType})`);
  if (wireType > WIRE_TYPE_MAX) throw new DecodeError(`proto: illegal wireType ${wireType}`);
  reader.skip(wireType, number);
}

/** Begins a message within a message and says where it ends; `leave` must follow. */
export function enter(source: FieldSource): number {
  const { reader } = source;
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw endUnexpected();
  if (++source.depth > VALUE_DEPTH_MAX) throw new DecodeError('exceeded max depth');
  return end;
}

export const leave = (source: FieldSource): void => void source.depth--;

/** A message within a message: `read` is told where it ends. */
export function nested(source: FieldSource, read: (end: number) => void): void {
  read(enter(source));
  leave(source);
}

/** A signed varint. Those of up to 32 bits, nearly all, are read without a detour over `bigint`. */
export function readNumber({ reader, bytes }: FieldSource): number | bigint {
  const start = reader.pos;
  const low = reader.uint32();
  const length = reader.pos - start;
  if (length < VARINT_BYTES_32 || (length === VARINT_BYTES_32 && bytes[reader.pos - 1]! <= LAST_OF_32)) return low;
  reader.pos = start;
  const value = BigInt(reader.int64());
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

export const endUnexpected = (): DecodeError => new DecodeError(UNEXPECTED_END);

/** The library's refusals as Go words them. */
export function inGoWords<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof RangeError) throw endUnexpected();
    // The library throws plain errors only.
    if (Object.getPrototypeOf(error) !== Error.prototype) throw error;
    throw new DecodeError(error.message === 'invalid varint' ? 'proto: integer overflow' : `proto: ${error.message}`);
  }
}
