import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { constants, createDeflate } from 'node:zlib';
import {
  dataFrames,
  FrameReader,
  goAwayFrame,
  openFrame,
  pingFrame,
  type Frame,
} from '../../src/control-plane/kube-apiserver/streams/spdy/frames.js';
import { headerDictionary } from '../../src/control-plane/kube-apiserver/streams/spdy/header-dictionary.js';
import { ADMIN_TOKEN } from './server.js';

/** A client of SPDY/3.1 that packs headers as upstream's does, and keeps what it is sent. */
export class SpdyClient {
  readonly frames: Frame[] = [];
  readonly protocol: string;
  readonly closed: Promise<void>;
  readonly #socket: Duplex;
  readonly #deflate = createDeflate({ dictionary: headerDictionary() });

  private constructor(socket: Duplex, head: Buffer, protocol: string) {
    this.#socket = socket;
    this.protocol = protocol;
    const reader = new FrameReader();
    const take = (chunk: Buffer): void => void this.frames.push(...reader.push(chunk));
    if (head.byteLength > 0) take(head);
    socket.on('data', take);
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** The client, or the answer where the upgrade is refused. */
  static connect(url: string, protocols: readonly string[]): Promise<SpdyClient | { readonly status: number }> {
    const headers = {
      authorization: `Bearer ${ADMIN_TOKEN}`,
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'x-stream-protocol-version': [...protocols],
    };
    return new Promise((resolve, reject) => {
      const call = request(url, { method: 'POST', headers });
      call.once('error', reject);
      call.once('response', (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0 });
      });
      call.once('upgrade', (response, socket, head) => {
        resolve(new SpdyClient(socket, head, String(response.headers['x-stream-protocol-version'] ?? '')));
      });
      call.end();
    });
  }

  /** Opens a stream; its number is the caller's. */
  async open(stream: number, headers: Readonly<Record<string, string>>): Promise<void> {
    const words = Object.entries(headers).flat();
    const block = Buffer.concat([
      number(words.length / 2),
      ...words.flatMap((word) => [number(word.length), Buffer.from(word)]),
    ]);
    const packed = await new Promise<Buffer>((resolve) => {
      this.#deflate.write(block);
      this.#deflate.flush(constants.Z_SYNC_FLUSH, () => resolve(this.#deflate.read() as Buffer));
    });
    this.#socket.write(openFrame(stream, packed));
  }

  send(stream: number, text: string, isLast = false): void {
    for (const frame of dataFrames(stream, Buffer.from(text), isLast)) this.#socket.write(frame);
  }

  ping(id: number): void {
    this.#socket.write(pingFrame(id));
  }

  goAway(): void {
    this.#socket.write(goAwayFrame(0));
  }

  /** Bytes that are no frame. */
  sendRaw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** What came on a stream, in one piece. */
  heard(stream: number): string {
    const pieces = this.frames.filter((frame) => frame.type === 'data' && frame.stream === stream);
    return Buffer.concat(pieces.map((frame) => (frame.type === 'data' ? frame.bytes : Buffer.alloc(0)))).toString();
  }

  isEnded(stream: number): boolean {
    return this.frames.some((frame) => frame.type === 'data' && frame.stream === stream && frame.isLast);
  }

  isReset(stream: number): boolean {
    return this.frames.some((frame) => frame.type === 'reset' && frame.stream === stream);
  }

  end(): void {
    this.#socket.destroy();
  }
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
