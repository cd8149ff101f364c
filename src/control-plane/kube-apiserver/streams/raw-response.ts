import { ServerResponse, STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** An ordinary HTTP response on a connection that Node has taken out of HTTP already; the connection ends with it. */
export function responseOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.on('finish', () => {
    response.detachSocket(socket as Socket);
    socket.end();
  });
  return response;
}

/** The head of an answer after which the connection speaks something else. */
export function switchTo(socket: Duplex, headers: Readonly<Record<string, string>>): void {
  const lines = Object.entries({ connection: 'Upgrade', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 101 ${STATUS_CODES[101] ?? ''}\r\n${lines.join('')}\r\n`);
}

/** A refusal as plain text; the connection ends with it. */
export function refuseWith(
  socket: Duplex,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(text);
  const all = { 'content-type': 'text/plain; charset=utf-8', ...headers, 'content-length': String(body.byteLength) };
  const lines = Object.entries({ ...all, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`), body]),
  );
}
