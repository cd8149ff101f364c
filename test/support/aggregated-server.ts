import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { issueAuthority, issueServerCertificate } from '../../src/config/certificates.js';

export const AGGREGATED_GROUP = 'metrics.example.com';
export const AGGREGATED_PATH = `/apis/${AGGREGATED_GROUP}/v1`;
const VERBS = ['create', 'get', 'list', 'watch'];
const LIST = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: `${AGGREGATED_GROUP}/v1`,
  resources: [
    { name: 'loads', singularName: 'load', namespaced: true, kind: 'Load', verbs: VERBS, shortNames: ['ld'] },
  ],
};
export const loadNamed = (name: string): object => ({
  kind: 'Load',
  apiVersion: `${AGGREGATED_GROUP}/v1`,
  metadata: { name, namespace: 'default', resourceVersion: '1', uid: `uid-of-${name}` },
  value: 7,
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/**
 * An API server such as stand behind an APIService, on the host: it believes the headers that say who asks from nobody but
 * who shows a certificate of the cluster's front proxy.
 */
export class AggregatedServer {
  readonly asked: Asked[] = [];
  /** By path without its query: in place of what is served there. */
  readonly answers = new Map<string, Answer>();
  /** The open watches. */
  readonly watches = new Set<ServerResponse>();
  readonly upgraded = new Set<Duplex>();
  readonly url: string;
  /** Of its certificate's authority, as an APIService has it. */
  readonly caBundle: string;
  readonly #server: Server;

  private constructor(server: Server, caBundle: string) {
    this.#server = server;
    this.caBundle = caBundle;
    this.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => this.#handle(request, response));
    server.on('upgrade', (request, socket) => this.#upgrade(request, socket));
  }

  /** `serverName` is what its certificate is for. */
  static async start(serverName = 'metrics.ops.svc'): Promise<AggregatedServer> {
    const authority = await issueAuthority();
    const { certificate, privateKey } = await issueServerCertificate(authority, serverName);
    const options = { cert: certificate, key: privateKey, requestCert: true, rejectUnauthorized: false };
    const server = createServer(options);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new AggregatedServer(server, Buffer.from(authority.certificate).toString('base64'));
  }

  /** As stock servers do with what `extension-apiserver-authentication` holds. */
  trust(frontProxyAuthority: string): void {
    this.#server.setSecureContext({ ...this.#contextOf(), ca: frontProxyAuthority });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    for (const socket of this.upgraded) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #contextOf(): { cert: string; key: string } {
    const { cert, key } = this.#server as unknown as { readonly cert: string; readonly key: string };
    return { cert, key };
  }

  #isTrusted({ socket }: IncomingMessage): boolean {
    const tls = socket as TLSSocket;
    return tls.authorized && tls.getPeerX509Certificate()?.subject === 'CN=front-proxy-client';
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    this.asked.push({ method, path: url, headers });
    const { pathname, searchParams } = new URL(url, this.url);
    // What its discovery says is no secret.
    if (!this.#isTrusted(request) && pathname !== AGGREGATED_PATH) return send(response, 401, { kind: 'Status' });
    const answer = this.answers.get(pathname);
    if (answer !== undefined) return answer(request, response);
    if (pathname === AGGREGATED_PATH) return send(response, 200, LIST);
    if (!pathname.startsWith(`${AGGREGATED_PATH}/`)) return send(response, 404, { kind: 'Status' });
    if (method === 'POST') return countBytes(request, response);
    if (searchParams.get('watch') !== null && searchParams.get('watch') !== 'false') return this.#watch(response);
    const name = /\/loads\/([^/]+)$/.exec(pathname)?.[1];
    if (name !== undefined) return send(response, 200, loadNamed(name));
    const items = [loadNamed('one'), loadNamed('two')];
    send(response, 200, { kind: 'LoadList', apiVersion: `${AGGREGATED_GROUP}/v1`, metadata: {}, items });
  }

  #watch(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(`${JSON.stringify({ type: 'ADDED', object: loadNamed('one') })}\n`);
    this.watches.add(response);
    response.on('close', () => this.watches.delete(response));
  }

  /** Says back whatever it is told. */
  #upgrade(request: IncomingMessage, socket: Duplex): void {
    this.asked.push({ method: 'UPGRADE', path: request.url ?? '', headers: request.headers });
    socket.on('error', () => socket.destroy());
    if (request.url?.includes('refused') === true || !this.#isTrusted(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nno');
      return;
    }
    this.upgraded.add(socket);
    socket.on('close', () => this.upgraded.delete(socket));
    const protocol = request.headers['upgrade'] ?? '';
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\nhello `);
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('end', () => socket.end());
  }
}

/** How much came, and when it began to: the answer begins before the body has ended. */
function countBytes(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(201, { 'content-type': 'application/json' });
  response.write(`{"type":${JSON.stringify(request.headers['content-type'] ?? '')}`);
  let bytes = 0;
  request.on('data', (chunk: Buffer) => (bytes += chunk.byteLength));
  request.on('end', () => response.end(`,"bytes":${bytes}}`));
}

export function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
