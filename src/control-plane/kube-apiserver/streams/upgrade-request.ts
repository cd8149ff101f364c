import type { IncomingMessage } from 'node:http';

/** Carries a bearer token where a browser cannot set a header. */
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';
const TUNNEL_PROTOCOL = /^SPDY\/3\.1\+.*k8s\.io$/;

export type UpgradeType = 'websocket' | 'spdy' | 'other';

/** What a client wants to switch to. */
export function upgradeTypeOf({ headers }: IncomingMessage): UpgradeType {
  const upgrade = (headers.upgrade ?? '').toLowerCase();
  return upgrade === 'websocket' ? 'websocket' : upgrade === 'spdy/3.1' ? 'spdy' : 'other';
}

/** The WebSocket protocols that the client speaks, its favourite first; a token is none. */
export const webSocketProtocols = ({ headers }: IncomingMessage): readonly string[] =>
  listOf(headers['sec-websocket-protocol']).filter((each) => !each.startsWith(TOKEN_PROTOCOL));

/** The token that comes as a WebSocket protocol; empty where none does. */
export function webSocketToken({ headers }: IncomingMessage): string {
  const protocol = listOf(headers['sec-websocket-protocol']).find((each) => each.startsWith(TOKEN_PROTOCOL));
  return protocol === undefined ? '' : Buffer.from(protocol.slice(TOKEN_PROTOCOL.length), 'base64url').toString();
}

/** The protocols of the streams inside SPDY that the client speaks. */
export const streamProtocols = ({ headers }: IncomingMessage): readonly string[] =>
  listOf(headers['x-stream-protocol-version']);

/** The WebSocket protocols that are SPDY in a tunnel. */
export const tunnelProtocols = (request: IncomingMessage): readonly string[] =>
  webSocketProtocols(request).filter((each) => TUNNEL_PROTOCOL.test(each));

function listOf(header: string | readonly string[] | undefined): readonly string[] {
  const text = typeof header === 'string' ? header : (header?.join(',') ?? '');
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
