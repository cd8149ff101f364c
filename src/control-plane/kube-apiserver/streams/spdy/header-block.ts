import { createInflate, type Inflate } from 'node:zlib';
import { headerDictionary } from './header-dictionary.js';

export type Headers = ReadonlyMap<string, string>;

/** Headers of one stream, unpacked: those of upstream's clients have a few hundred bytes. */
const BLOCK_BYTES_MAX = 64 * 1024;
const STORED_BYTES_MAX = 0xffff;
/** A deflate window of 32 KiB, no dictionary, the fastest level: the opening of a zlib stream. */
const ZLIB_HEAD = Buffer.of(0x78, 0x01);
/** An empty stored block: Go's reader hands out what it has only when it meets one. */
const FLUSH = Buffer.of(0x00, 0x00, 0x00, 0xff, 0xff);

/** Unpacks the header blocks of one direction of a connection, which are one compressed stream. */
export class HeaderUnpacker {
  readonly #inflate: Inflate;

  constructor() {
    this.#inflate = createInflate({ dictionary: headerDictionary(), highWaterMark: BLOCK_BYTES_MAX } as object);
    // Errors reach whoever waits for a block.
    this.#inflate.on('error', () => undefined);
  }

  /** One block at a time. Rejects for what is broken or too large. */
  unpack(block: Uint8Array): Promise<Headers> {
    return new Promise((resolve, reject) => {
      const inflate = this.#inflate;
      const settle = (error?: Error | null): void => {
        inflate.off('close', closed);
        inflate.off('readable', readable);
        if (error instanceof Error) return reject(error);
        try {
          resolve(headersOf((inflate.read() as Buffer | null) ?? Buffer.alloc(0)));
        } catch (broken) {
          reject(broken instanceof Error ? broken : new Error(String(broken)));
        }
      };
      const closed = (): void => settle(new Error('the header stream is broken'));
      const readable = (): void => {
        if (inflate.readableLength >= BLOCK_BYTES_MAX) settle(new Error('the headers are too large'));
      };
      inflate.once('close', closed);
      inflate.on('readable', readable);
      inflate.write(block, settle);
    });
  }

  close(): void {
    this.#inflate.destroy();
  }
}

/** Packs the header blocks of the other direction: the form is zlib's, but nothing is made smaller, for there is next to nothing. */
export class HeaderPacker {
  #isFirst = true;

  pack(headers: Headers): Buffer {
    const plain = blockOf(headers);
    if (plain.byteLength > STORED_BYTES_MAX) throw new Error('the headers are too large');
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(plain.byteLength, 1);
    stored.writeUInt16LE(~plain.byteLength & STORED_BYTES_MAX, 3);
    const head = this.#isFirst ? ZLIB_HEAD : Buffer.alloc(0);
    this.#isFirst = false;
    return Buffer.concat([head, stored, plain, FLUSH]);
  }
}

function blockOf(headers: Headers): Buffer {
  const parts = [numberBytes(headers.size)];
  for (const text of Array.from(headers).flat()) parts.push(numberBytes(Buffer.byteLength(text)), Buffer.from(text));
  return Buffer.concat(parts);
}

/** Names in lower case. @throws RangeError where a length leads beyond the block */
function headersOf(block: Buffer): Headers {
  let at = 0;
  const text = (): string => {
    const length = block.readUInt32BE(at);
    at += 4 + length;
    if (at > block.byteLength) throw new RangeError('a header is cut short');
    return block.toString('utf8', at - length, at);
  };
  const headers = new Map<string, string>();
  const count = block.readUInt32BE(at);
  at += 4;
  for (let index = 0; index < count; index++) headers.set(text().toLowerCase(), text());
  return headers;
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
