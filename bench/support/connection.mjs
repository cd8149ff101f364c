// A keep-alive HTTP/1.1 connection on a bare socket, one request at a time: the cheapest client that Node can be, so that
// what is measured is the server. It understands what a server of ours sends: a length, or chunks.
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');

export class Connection {
  #socket;
  #received = [];
  #receivedBytes = 0;
  #waiting;

  static open({ host, port }) {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new Connection(socket));
      });
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the server closed the connection')));
  }

  /** Sends the bytes of one request, and resolves with `{ status, body }` when the whole answer is here. */
  send(bytes) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(bytes);
    });
  }

  close() {
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#received.push(chunk);
    this.#receivedBytes += chunk.byteLength;
    const bytes = this.#received.length === 1 ? chunk : Buffer.concat(this.#received, this.#receivedBytes);
    if (this.#received.length > 1) this.#received = [bytes];
    const answer = answerIn(bytes);
    if (answer === undefined) return;
    this.#received = [];
    this.#receivedBytes = 0;
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    resolve(answer);
  }

  #end(error) {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

const JSON_TYPE = 'application/json';

/** The bytes of a request; a body is given as bytes. */
export function requestBytes({ method, path, token, body, accept = JSON_TYPE, contentType = JSON_TYPE }) {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: bench', `accept: ${accept}`, `authorization: Bearer ${token}`];
  if (body !== undefined) lines.push(`content-type: ${contentType}`, `content-length: ${body.byteLength}`);
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return body === undefined ? head : Buffer.concat([head, body]);
}

function answerIn(bytes) {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = bytes.latin1Slice(0, headEnd);
  const status = Number(head.slice(9, 12));
  const start = headEnd + HEAD_END.byteLength;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (length !== null) {
    const end = start + Number(length[1]);
    return bytes.byteLength < end ? undefined : { status, body: bytes.subarray(start, end) };
  }
  if (status === 204) return { status, body: Buffer.alloc(0) };
  const body = chunksIn(bytes, start);
  return body === undefined ? undefined : { status, body };
}

function chunksIn(bytes, start) {
  const chunks = [];
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf(LINE_END, at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.latin1Slice(at, lineEnd), 16);
    const begin = lineEnd + LINE_END.byteLength;
    if (bytes.byteLength < begin + size + LINE_END.byteLength) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(begin, begin + size));
    at = begin + size + LINE_END.byteLength;
  }
}
