/** The fields of protobuf messages, one after the other, with the refusals of Go's generated code. */
import type { BinaryReader } from '@bufbuild/protobuf/wire';
import { DecodeError } from '../schema/decode-error.js';
import { VALUE_DEPTH_MAX } from '../structure.js';

/** One reading of one message. */
export interface FieldSource {
  readonly reader: BinaryReader;
  /** How many messages are being read within each other. */
  depth: number;
}

const END_GROUP = 4;
const WIRE_TYPE_MAX = 5;
const UNEXPECTED_END = 'unexpected EOF';

/** Visits the fields up to `end`; those that `read` does not take are passed over. */
export function eachField(
  { reader }: FieldSource,
  end: number,
  messageName: string,
  read: (number: number, wireType: number) => boolean,
): void {
  while (reader.pos < end) {
    const key = reader.uint32();
    const number = key >>> 3;
    const wireType = key & 7;
    if (wireType === END_GROUP) throw new DecodeError(`proto: ${messageName}: wiretype end group for non-group`);
    if (number === 0) throw new DecodeError(`proto: ${messageName}: illegal tag 0 (wire type ${wireType})`);
    if (!read(number, wireType)) {
      if (wireType > WIRE_TYPE_MAX) throw new DecodeError(`proto: illegal wireType ${wireType}`);
      reader.skip(wireType, number);
    }
    if (reader.pos > end) throw new DecodeError(UNEXPECTED_END);
  }
}

/** A message within a message: `read` is told where it ends. */
export function nested(source: FieldSource, read: (end: number) => void): void {
  const { reader } = source;
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new DecodeError(UNEXPECTED_END);
  if (++source.depth > VALUE_DEPTH_MAX) throw new DecodeError('exceeded max depth');
  read(end);
  source.depth--;
}

/** The library's refusals as Go words them. */
export function inGoWords<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof RangeError) throw new DecodeError(UNEXPECTED_END);
    // The library throws plain errors only.
    if (Object.getPrototypeOf(error) !== Error.prototype) throw error;
    throw new DecodeError(error.message === 'invalid varint' ? 'proto: integer overflow' : `proto: ${error.message}`);
  }
}
