import type { Duplex } from 'node:stream';
import { createWebSocketStream } from 'ws';
import type { PortConnection } from '../../../engine/kube-apiserver/connect/wire-connection.js';
import type { PortInput } from '../../../engine/kube-apiserver/container-sessions.port.js';
import { acceptWebSocket, type UpgradedSocket } from './accept-web-socket.js';
import { portOf } from './port-number.js';
import { refuseWith } from './raw-response.js';
import { switchToSpdy } from './switch-to-spdy.js';
import { SpdyConnection, type SpdyStream, type StreamListener } from './spdy/spdy-connection.js';
import { tunnelProtocols } from './upgrade-request.js';

const PROTOCOL = 'portforward.k8s.io';
const TUNNEL = `SPDY/3.1+${PROTOCOL}`;
/** A client opens a connection's error stream first, and its data stream with the next number. */
const NEXT_STREAM = 2;

/** Port forwarding over SPDY: a pair of streams for each connection. */
export function portsOverSpdy(upgraded: UpgradedSocket, connection: PortConnection): { end(): void } {
  if (switchToSpdy(upgraded, [PROTOCOL]) === undefined) return { end: () => undefined };
  return serve(upgraded.socket, connection);
}

/** The same, with SPDY in a WebSocket, which passes where SPDY does not. */
export function portsOverTunnel(upgraded: UpgradedSocket, connection: PortConnection): { end(): void } {
  let served: { end(): void } | undefined;
  if (!tunnelProtocols(upgraded.request).includes(TUNNEL)) {
    refuseWith(upgraded.socket, 403, 'unable to upgrade: unable to negotiate protocol');
    return { end: () => undefined };
  }
  acceptWebSocket(upgraded, TUNNEL, (webSocket) => {
    served = serve(createWebSocketStream(webSocket), connection);
  });
  return { end: () => served?.end() };
}

function serve(transport: Duplex, connection: PortConnection): { end(): void } {
  const forward = new PortForward(connection);
  const spdy = new SpdyConnection(transport, forward);
  return { end: () => spdy.close() };
}

interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
  input?: PortInput;
}

class PortForward {
  readonly #connection: PortConnection;
  readonly #pairs = new Map<string, Pair>();

  constructor(connection: PortConnection) {
    this.#connection = connection;
  }

  stream(stream: SpdyStream, headers: ReadonlyMap<string, string>): StreamListener | undefined {
    const type = headers.get('streamtype');
    const port = portOf(headers.get('port') ?? '');
    if (port === undefined || (type !== 'error' && type !== 'data')) return undefined;
    // Old clients name no request.
    const own = type === 'error' ? stream.id : stream.id - NEXT_STREAM;
    const id = headers.get('requestid') ?? String(own);
    const pair = this.#pairs.get(id) ?? {};
    if (pair[type] !== undefined) return undefined;
    pair[type] = stream;
    this.#pairs.set(id, pair);
    if (type === 'error') return { data: () => undefined, end: () => undefined, reset: () => undefined };
    if (pair.error === undefined) return undefined;
    this.#begin(id, pair, stream, port);
    return {
      data: (bytes) => pair.input?.data(bytes),
      end: () => pair.input?.end(),
      reset: () => this.#cancel(id, pair),
    };
  }

  gone(): void {
    for (const [id, pair] of this.#pairs) this.#cancel(id, pair);
  }

  #begin(id: string, pair: Pair, data: SpdyStream, port: number): void {
    pair.input = this.#connection.open(port, {
      data: (bytes) => data.write(bytes),
      end: () => {
        this.#pairs.delete(id);
        data.end();
        pair.error?.end();
        data.forget();
        pair.error?.forget();
      },
      fail: (message) => {
        this.#pairs.delete(id);
        pair.error?.write(Buffer.from(message));
        data.reset();
        pair.error?.end();
        pair.error?.forget();
      },
    });
  }

  #cancel(id: string, pair: Pair): void {
    this.#pairs.delete(id);
    pair.input?.cancel();
    pair.data?.forget();
    pair.error?.forget();
  }
}
