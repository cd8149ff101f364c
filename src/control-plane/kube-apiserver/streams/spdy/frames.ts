const VERSION = 3;
const HEAD_BYTES = 8;
const CONTROL_BIT = 0x8000;
const STREAM_MASK = 0x7fff_ffff;
/** Upstream's clients write data in pieces of 32 KiB. */
export const FRAME_BYTES_MAX = 4 * 1024 * 1024;
/** What one frame of ours carries at most. */
const DATA_BYTES_MAX = 256 * 1024;
export const FLAG_FIN = 0x01;

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const HEADERS = 8;

export type ResetReason = 'protocol-error' | 'refused' | 'cancel';
const RESET_CODES: Readonly<Record<ResetReason, number>> = { 'protocol-error': 1, refused: 3, cancel: 5 };

export type Frame =
  | { readonly type: 'open'; readonly stream: number; readonly isLast: boolean; readonly block: Buffer }
  /** More headers of a stream, or a reply: they mean nothing here, but belong to the compressed stream. */
  | { readonly type: 'headers'; readonly stream: number; readonly block: Buffer }
  | { readonly type: 'data'; readonly stream: number; readonly isLast: boolean; readonly bytes: Buffer }
  | { readonly type: 'reset'; readonly stream: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goaway' }
  /** Settings and windows: upstream's side of SPDY has neither. */
  | { readonly type: 'other' };

/** Cuts what arrives into frames. */
export class FrameReader {
  #pending: Buffer[] = [];
  #length = 0;
  #wanted = HEAD_BYTES;

  /** The frames that have become whole. @throws Error for a frame that is too large or no SPDY/3 */
  *push(chunk: Buffer): Generator<Frame> {
    this.#pending.push(chunk);
    this.#length += chunk.byteLength;
    if (this.#length < this.#wanted) return;
    let rest = Buffer.concat(this.#pending, this.#length);
    this.#wanted = HEAD_BYTES;
    while (rest.byteLength >= HEAD_BYTES) {
      const length = rest.readUIntBE(5, 3);
      if (length > FRAME_BYTES_MAX) throw new Error('a frame is too large');
      this.#wanted = HEAD_BYTES + length;
      if (rest.byteLength < this.#wanted) break;
      yield frameOf(rest.subarray(0, HEAD_BYTES), rest.subarray(HEAD_BYTES, this.#wanted));
      rest = rest.subarray(this.#wanted);
      this.#wanted = HEAD_BYTES;
    }
    this.#pending = [rest];
    this.#length = rest.byteLength;
  }
}

/** @throws RangeError for a body that is too short */
function frameOf(head: Buffer, body: Buffer): Frame {
  const first = head.readUInt16BE(0);
  const isLast = ((head[4] ?? 0) & FLAG_FIN) !== 0;
  if ((first & CONTROL_BIT) === 0) {
    return { type: 'data', stream: head.readUInt32BE(0) & STREAM_MASK, isLast, bytes: body };
  }
  if ((first & ~CONTROL_BIT) !== VERSION) throw new Error('this is not SPDY/3');
  const stream = (): number => body.readUInt32BE(0) & STREAM_MASK;
  switch (head.readUInt16BE(2)) {
    case SYN_STREAM:
      return { type: 'open', stream: stream(), isLast, block: body.subarray(10) };
    case SYN_REPLY:
    case HEADERS:
      return { type: 'headers', stream: stream(), block: body.subarray(4) };
    case RST_STREAM:
      return { type: 'reset', stream: stream() };
    case PING:
      return { type: 'ping', id: body.readUInt32BE(0) };
    case GOAWAY:
      return { type: 'goaway' };
    default:
      return { type: 'other' };
  }
}

export const replyFrame = (stream: number, block: Buffer): Buffer =>
  controlFrame(SYN_REPLY, 0, Buffer.concat([numbers(stream), block]));

/** What a client opens a stream with. */
export const openFrame = (stream: number, block: Buffer, isLast = false): Buffer =>
  controlFrame(SYN_STREAM, isLast ? FLAG_FIN : 0, Buffer.concat([numbers(stream, 0), Buffer.alloc(2), block]));

export const resetFrame = (stream: number, reason: ResetReason): Buffer =>
  controlFrame(RST_STREAM, 0, numbers(stream, RESET_CODES[reason]));

export const pingFrame = (id: number): Buffer => controlFrame(PING, 0, numbers(id));

export const goAwayFrame = (lastStream: number): Buffer => controlFrame(GOAWAY, 0, numbers(lastStream, 0));

/** One or more frames of data; the last one closes the sender's side if `isLast`. */
export function* dataFrames(stream: number, bytes: Uint8Array, isLast = false): Generator<Buffer> {
  let at = 0;
  do {
    const piece = bytes.subarray(at, at + DATA_BYTES_MAX);
    at += piece.byteLength;
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32BE(stream, 0);
    head.writeUInt32BE(piece.byteLength, 4);
    head[4] = isLast && at >= bytes.byteLength ? FLAG_FIN : 0;
    yield Buffer.concat([head, piece]);
  } while (at < bytes.byteLength);
}

function controlFrame(type: number, flags: number, body: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16BE(CONTROL_BIT | VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(body.byteLength, 4);
  head[4] = flags;
  return Buffer.concat([head, body]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
}
