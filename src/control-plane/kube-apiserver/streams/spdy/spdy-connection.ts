// The server's side of SPDY/3.1 as Kubernetes' clients use it: streams that the client opens, without priorities, pushes,
// settings or flow control, none of which upstream's library has. No well-kept library speaks it.
import type { Duplex } from 'node:stream';
import {
  dataFrames,
  FrameReader,
  goAwayFrame,
  pingFrame,
  replyFrame,
  resetFrame,
  type Frame,
  type ResetReason,
} from './frames.js';
import { HeaderPacker, HeaderUnpacker, type Headers } from './header-block.js';

/** Streams that a client may have open at a time. */
const STREAMS_MAX = 1_000;
/** What the client may be behind. */
const QUEUE_BYTES_MAX = 48 * 1024 * 1024;

export interface StreamListener {
  data(bytes: Uint8Array): void;
  /** The client sends no more. */
  end(): void;
  /** The client gave the stream up. */
  reset(): void;
}

export interface ConnectionListener {
  /** A new stream; what comes on it goes to the listener. It is refused where there is none. */
  stream(stream: SpdyStream, headers: Headers): StreamListener | undefined;
  /** The connection is gone. */
  gone(): void;
}

export class SpdyConnection {
  readonly #transport: Duplex;
  readonly #listener: ConnectionListener;
  readonly #unpacker = new HeaderUnpacker();
  readonly #packer = new HeaderPacker();
  readonly #streams = new Map<number, { readonly stream: SpdyStream; readonly listener: StreamListener }>();
  #lastStream = 0;
  #isClosing = false;

  constructor(transport: Duplex, listener: ConnectionListener) {
    this.#transport = transport;
    this.#listener = listener;
    transport.on('error', () => transport.destroy());
    transport.once('close', () => {
      this.#unpacker.close();
      this.#streams.clear();
      listener.gone();
    });
    this.#read().catch(() => transport.destroy());
  }

  /** After all that was written. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.send(goAwayFrame(this.#lastStream));
    this.#transport.end();
  }

  send(frame: Buffer): void {
    if (!this.#transport.writable) return;
    this.#transport.write(frame);
    if (this.#transport.writableLength > QUEUE_BYTES_MAX) this.#transport.destroy();
  }

  forget(stream: number): void {
    this.#streams.delete(stream);
  }

  /** Frames are taken one at a time: headers are unpacked beside the loop, and a slow cluster slows the client down. */
  async #read(): Promise<void> {
    const reader = new FrameReader();
    for await (const chunk of this.#transport.iterator({ destroyOnReturn: false })) {
      for (const frame of reader.push(chunk as Buffer)) await this.#take(frame);
    }
    this.close();
  }

  async #take(frame: Frame): Promise<void> {
    switch (frame.type) {
      case 'open':
        this.#open(frame.stream, await this.#unpacker.unpack(frame.block), frame.isLast);
        break;
      case 'headers':
        await this.#unpacker.unpack(frame.block);
        break;
      case 'data': {
        const open = this.#streams.get(frame.stream);
        if (frame.bytes.byteLength > 0) open?.listener.data(frame.bytes);
        if (frame.isLast) open?.listener.end();
        break;
      }
      case 'reset': {
        const open = this.#streams.get(frame.stream);
        this.#streams.delete(frame.stream);
        open?.listener.reset();
        break;
      }
      case 'ping':
        // Odd numbers are the client's questions; ours there are none.
        if (frame.id % 2 === 1) this.send(pingFrame(frame.id));
        break;
      case 'goaway':
        this.close();
        break;
      case 'other':
        break;
    }
  }

  #open(id: number, headers: Headers, isLast: boolean): void {
    if (id <= this.#lastStream || id % 2 === 0) return this.send(resetFrame(id, 'protocol-error'));
    this.#lastStream = id;
    if (this.#streams.size >= STREAMS_MAX || this.#isClosing) return this.send(resetFrame(id, 'refused'));
    const stream = new SpdyStream(id, this);
    this.send(replyFrame(id, this.#packer.pack(new Map())));
    const listener = this.#listener.stream(stream, headers);
    if (listener === undefined) return this.send(resetFrame(id, 'refused'));
    this.#streams.set(id, { stream, listener });
    if (isLast) listener.end();
  }
}

/** One stream that the client opened. */
export class SpdyStream {
  readonly id: number;
  readonly #connection: SpdyConnection;
  #isEnded = false;

  constructor(id: number, connection: SpdyConnection) {
    this.id = id;
    this.#connection = connection;
  }

  write(bytes: Uint8Array): void {
    if (this.#isEnded || bytes.byteLength === 0) return;
    for (const frame of dataFrames(this.id, bytes)) this.#connection.send(frame);
  }

  /** Nothing more is written. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const frame of dataFrames(this.id, new Uint8Array(), true)) this.#connection.send(frame);
  }

  /** Gives the stream up, both ways. */
  reset(reason: ResetReason = 'cancel'): void {
    this.#isEnded = true;
    this.#connection.forget(this.id);
    this.#connection.send(resetFrame(this.id, reason));
  }

  /** Both sides are done with it. */
  forget(): void {
    this.#connection.forget(this.id);
  }
}
