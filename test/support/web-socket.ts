import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { ADMIN_TOKEN } from './server.js';

export interface Message {
  readonly isBinary: boolean;
  readonly bytes: Buffer;
  readonly text: string;
}

/** A WebSocket and all that has come over it. */
export interface OpenSocket {
  readonly socket: WebSocket;
  readonly protocol: string;
  readonly messages: readonly Message[];
  /** The code of its end. */
  readonly closed: Promise<number>;
}

type RequestHeaders = Readonly<Record<string, string>>;

const connect = (url: string, protocols: readonly string[], headers: RequestHeaders): WebSocket =>
  new WebSocket(url.replace(/^http/, 'ws'), [...protocols], {
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
  });

/** Resolves once the handshake is done; rejects where it is refused. */
export async function openSocket(
  url: string,
  protocols: readonly string[] = [],
  headers: RequestHeaders = {},
): Promise<OpenSocket> {
  const socket = connect(url, protocols, headers);
  const messages: Message[] = [];
  socket.on('message', (data: Buffer, isBinary) => {
    messages.push({ isBinary, bytes: data, text: data.toString() });
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  return { socket, protocol: socket.protocol, messages, closed };
}

/** What a handshake is answered with instead of an upgrade. */
export function refusalOf(
  url: string,
  protocols: readonly string[] = [],
  headers: RequestHeaders = {},
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(url, protocols, headers);
    socket.on('error', () => undefined);
    socket.once('open', () => {
      socket.terminate();
      reject(new Error('the upgrade was not refused'));
    });
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
  });
}
