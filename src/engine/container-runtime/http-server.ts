import type { TextCodec } from '../machinery/text-codec.port.js';
import { joinBytes } from './files/join-bytes.js';
import type { ByteInput, ByteSink } from './session.js';

/** One HTTP request as a simulated server sees it. */
export interface ServedRequest {
  readonly method: string;
  /** With its query. */
  readonly target: string;
}

export interface ServedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const HEAD_BYTES_MAX = 64 * 1_024;
const LINE_END = '\r\n';
const EMPTY = new Uint8Array();

/** What the server of a pod answers to any request: that it was this pod, and what it was asked. */
export function answerOf(podName: string, { method, target }: ServedRequest, text: TextCodec): ServedResponse {
  const body = text.encode(`${podName}: ${method} ${target}\n`);
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

/** HTTP/1.1 on one connection: requests one after another, bodies of either form skipped. */
export class HttpServerConnection implements ByteInput {
  readonly #sink: ByteSink;
  readonly #text: TextCodec;
  readonly #answer: (request: ServedRequest) => ServedResponse;
  #pending: Uint8Array = EMPTY;
  /** What is left of a body; `chunked` while its length is not known. */
  #body: number | 'chunked' = 0;
  #isOver = false;

  constructor(text: TextCodec, answer: (request: ServedRequest) => ServedResponse, sink: ByteSink) {
    this.#text = text;
    this.#answer = answer;
    this.#sink = sink;
  }

  data(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#pending = this.#pending.length === 0 ? bytes : joinBytes([this.#pending, bytes]);
    while (!this.#isOver && this.#step());
  }

  /** The client has sent all: what it asked for was answered. */
  end(): void {
    this.#close();
  }

  cancel(): void {
    this.#isOver = true;
    this.#pending = EMPTY;
  }

  /** Whether something was taken from what is pending. */
  #step(): boolean {
    if (this.#body === 'chunked') return this.#skipChunk();
    if (this.#body > 0) {
      const skipped = Math.min(this.#body, this.#pending.length);
      this.#pending = this.#pending.subarray(skipped);
      this.#body -= skipped;
      return this.#body === 0;
    }
    return this.#request();
  }

  #request(): boolean {
    const end = endOfHead(this.#pending);
    if (end < 0) {
      if (this.#pending.length > HEAD_BYTES_MAX) this.#refuse(431, 'Request Header Fields Too Large');
      return false;
    }
    const [line = '', ...headers] = this.#text.decode(this.#pending.subarray(0, end)).split(LINE_END);
    this.#pending = this.#pending.subarray(end + 4);
    const [method = '', target = '', version = ''] = line.split(' ');
    if (!/^HTTP\/1\.[01]$/.test(version)) {
      this.#refuse(400, 'Bad Request');
      return false;
    }
    const value = (name: string): string =>
      headers
        .find((each) => each.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim() ?? '';
    const length = Number.parseInt(value('content-length'), 10);
    this.#body = /chunked/i.test(value('transfer-encoding')) ? 'chunked' : length > 0 ? length : 0;
    const keepsAlive = version === 'HTTP/1.1' ? !/close/i.test(value('connection')) : false;
    if (/100-continue/i.test(value('expect'))) this.#send('HTTP/1.1 100 Continue\r\n\r\n');
    this.#respond(this.#answer({ method, target }), method === 'HEAD', keepsAlive);
    return true;
  }

  #skipChunk(): boolean {
    const end = this.#pending.indexOf(0x0a);
    if (end < 0) return false;
    const line = this.#text.decode(this.#pending.subarray(0, end)).trim();
    const size = Number.parseInt(line, 16);
    // A chunk is followed by a line end; the last one by an empty line.
    const whole = size === 0 ? end + 3 : end + 1 + size + 2;
    if (!(size >= 0)) {
      this.#close();
      return false;
    }
    if (this.#pending.length < whole) return false;
    this.#pending = this.#pending.subarray(whole);
    if (size === 0) this.#body = 0;
    return true;
  }

  #respond({ status, headers, body }: ServedResponse, isHead: boolean, keepsAlive: boolean): void {
    const lines = { ...headers, 'content-length': String(body.length), ...(keepsAlive ? {} : { connection: 'close' }) };
    const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}${LINE_END}`);
    this.#send(`HTTP/1.1 ${status} OK${LINE_END}${text.join('')}${LINE_END}`);
    if (!isHead && body.length > 0) this.#sink.data(body);
    if (!keepsAlive) this.#close();
  }

  #refuse(status: number, reason: string): void {
    this.#send(`HTTP/1.1 ${status} ${reason}${LINE_END}connection: close${LINE_END}content-length: 0\r\n\r\n`);
    this.#close();
  }

  #send(text: string): void {
    this.#sink.data(this.#text.encode(text));
  }

  #close(): void {
    if (this.#isOver) return;
    this.cancel();
    this.#sink.end();
  }
}

/** Where the empty line after a head begins; -1 where it has not come yet. */
function endOfHead(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(0x0d); at >= 0; at = bytes.indexOf(0x0d, at + 1)) {
    if (bytes[at + 1] === 0x0a && bytes[at + 2] === 0x0d && bytes[at + 3] === 0x0a) return at;
  }
  return -1;
}
