import type { RawData, WebSocket } from 'ws';

/** What the client's side may be behind. */
const QUEUE_BYTES_MAX = 48 * 1024 * 1024;
/** Tells, from v5 on, that the sender's side of a channel is closed. */
const CLOSE_SIGNAL = 255;
const DIGIT_ZERO = 0x30;

export type ChannelCodec = 'binary' | 'base64';

export interface ChannelListener {
  data(channel: number, bytes: Uint8Array): void;
  /** The client sends no more on this channel. */
  closed(channel: number): void;
  /** The connection is gone. */
  gone(): void;
}

/** Numbered channels on one WebSocket: the first byte of a message, or its first digit in base64, names the channel. */
export class ChannelSocket {
  readonly #webSocket: WebSocket;
  readonly #codec: ChannelCodec;
  readonly #closesChannels: boolean;
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isSending = false;
  #isClosing = false;

  constructor(webSocket: WebSocket, codec: ChannelCodec, closesChannels: boolean) {
    this.#webSocket = webSocket;
    this.#codec = codec;
    this.#closesChannels = closesChannels;
  }

  listen(listener: ChannelListener): void {
    this.#webSocket.on('message', (data) => this.#take(bytesOf(data), listener));
    this.#webSocket.once('close', () => listener.gone());
  }

  send(channel: number, bytes: Uint8Array): void {
    const { readyState, OPEN } = this.#webSocket;
    if (readyState !== OPEN || this.#isClosing) return;
    const message =
      this.#codec === 'binary'
        ? Buffer.concat([Uint8Array.of(channel), bytes])
        : Buffer.from(String(channel) + Buffer.from(bytes).toString('base64'));
    this.#waiting.push(message);
    this.#waitingBytes += message.byteLength;
    if (this.#waitingBytes > QUEUE_BYTES_MAX) this.#webSocket.terminate();
    else if (!this.#isSending) this.#sendNext();
  }

  /** After all that was sent. */
  close(): void {
    this.#isClosing = true;
    if (!this.#isSending) this.#webSocket.close(1000);
  }

  /** Messages written together would share a TLS record, of which clients that poll their socket see the first only. */
  #sendNext(): void {
    const message = this.#waiting.shift();
    this.#isSending = message !== undefined;
    if (message === undefined) {
      if (this.#isClosing) this.#webSocket.close(1000);
      return;
    }
    this.#webSocket.send(message, { binary: this.#codec === 'binary' }, (error) => {
      this.#waitingBytes -= message.byteLength;
      // What cannot be written any more is gone with its connection.
      if (!(error instanceof Error)) this.#sendNext();
    });
  }

  #take(message: Buffer, listener: ChannelListener): void {
    const [first, second] = message;
    if (first === undefined) return;
    if (this.#closesChannels && first === CLOSE_SIGNAL) {
      if (second === undefined || message.byteLength !== 2) this.close();
      else listener.closed(second);
      return;
    }
    if (this.#codec === 'binary') listener.data(first, message.subarray(1));
    else listener.data(first - DIGIT_ZERO, Buffer.from(message.subarray(1).toString('latin1'), 'base64'));
  }
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
