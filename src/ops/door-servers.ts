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
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';

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
  return prepared(createHttpsServer({ cert: certificate, key: privateKey }, routed(raw, framework)));
}

/** Hands upgrades of the raw door's paths to it and refuses all others but those below `exceptPath`, which another listener serves. */
export function dispatchUpgrades(server: Server, raw: RawDoor, exceptPath?: string): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = request.url ?? '';
    if (exceptPath !== undefined && url.startsWith(exceptPath)) return;
    if (raw.takes(url)) return raw.upgrade(request, socket, head);
    socket.on('error', () => socket.destroy());
    socket.end(NOT_FOUND);
  });
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
  const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS_MAX);
  await closed;
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
