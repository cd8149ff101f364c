import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

/** A message of a client; upstream's clients send at most 32 KiB. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const PROTOCOL_HEADER = 'sec-websocket-protocol';

export interface UpgradedSocket {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came after the request's head. */
  readonly head: Buffer;
}

/**
 * Answers a WebSocket handshake with `protocol`, or with none. A request that is no handshake is refused. The library is
 * not shown what protocols the client offers: it refuses names with a slash, as SPDY's tunnel has.
 */
export function acceptWebSocket(
  { request, socket, head }: UpgradedSocket,
  protocol: string | undefined,
  accepted: (webSocket: WebSocket) => void,
): void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
  });
  const offered = request.headers[PROTOCOL_HEADER];
  delete request.headers[PROTOCOL_HEADER];
  if (offered !== undefined && protocol !== undefined) {
    server.once('headers', (headers) => headers.push(`${PROTOCOL_HEADER}: ${protocol}`));
  }
  server.handleUpgrade(request, socket, head, (webSocket) => {
    // What is wrong with a connection ends it: `close` follows.
    webSocket.on('error', () => webSocket.terminate());
    accepted(webSocket);
  });
}
