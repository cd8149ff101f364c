import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CertifiedKey } from '../config/certificates.js';

/** Longer than the pauses of client-go's and curl's connection pools, so that it is the client who closes. */
const KEEP_ALIVE_MS = 120_000;
/** How long requests in flight may take to end when the doors close. */
const DRAIN_MS_MAX = 5_000;
const DRAIN_STEP_MS = 20;
const UPGRADE_HEADERS: ReadonlySet<string> = new Set(['connection', 'upgrade', 'http2-settings']);
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

/** Asked for, and taken as it is: which authority it must be from depends on the cluster that the client asks for. */
const ANY_CLIENT_CERTIFICATE = { requestCert: true, rejectUnauthorized: false };

/** What takes some paths for itself, before any framework sees them. */
export interface RawDoor {
  takes(url: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The HTTP server: the raw door's paths go there, the others to the framework. */
export function createPlainDoor(raw: RawDoor, framework: RequestListener): Server {
  return prepared(createHttpServer(routed(raw, framework)));
}

/** The same behind TLS. */
export function createTlsDoor(
  raw: RawDoor,
  framework: RequestListener,
  { certificate, privateKey }: CertifiedKey,
): Server {
  const server = createHttpsServer(
    { cert: certificate, key: privateKey, ...ANY_CLIENT_CERTIFICATE },
    routed(raw, framework),
  );
  server.on('secureConnection', readInOrder);
  return prepared(server);
}

/**
 * Node's parser takes a TLS connection's bytes below the stream, where those that come while it pauses for an earlier answer
 * to drain end the connection (HPE_PAUSED). It takes them from the stream once somebody has listened there.
 */
function readInOrder(socket: Duplex): void {
  const listener = (): void => undefined;
  socket.on('data', listener);
  socket.off('data', listener);
}

/**
 * Hands upgrades of the raw door's paths to it and refuses all others but those below `exceptPath`, which another listener
 * serves. An offer to go on in a protocol that nobody speaks here, such as HTTP/2 in plain text, is not taken up.
 */
export function dispatchUpgrades(server: Server, raw: RawDoor, exceptPath?: string): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = request.url ?? '';
    if (exceptPath !== undefined && url.startsWith(exceptPath)) return;
    if (/^h2c$/i.test(request.headers.upgrade ?? '')) return serveAsItIs(server, request, socket, head);
    if (raw.takes(url)) return raw.upgrade(request, socket, head);
    socket.on('error', () => socket.destroy());
    socket.end(NOT_FOUND);
  });
}

/** Node has taken the connection out of HTTP for the sake of the offer: it gets the request once more, without it. */
function serveAsItIs(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method = 'GET', url = '/', rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!UPGRADE_HEADERS.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[at + 1] ?? ''}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
}

/** Resolves with the port that was bound. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Waits for requests in flight, which must end by themselves, for a while; then cuts what is left. */
export async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), DRAIN_STEP_MS);
  let late: NodeJS.Timeout | undefined;
  // Connections that have switched protocols are none of the server's any more: they end with the process.
  const isLate = new Promise<void>((resolve) => {
    late = setTimeout(() => {
      server.closeAllConnections();
      resolve();
    }, DRAIN_MS_MAX);
  });
  await Promise.race([closed, isLate]);
  clearInterval(idle);
  clearTimeout(late);
}

const routed =
  (raw: RawDoor, framework: RequestListener): RequestListener =>
  (request, response) => {
    if (raw.takes(request.url ?? '')) raw.handle(request, response);
    else framework(request, response);
  };

function prepared<S extends Server>(server: S): S {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}
