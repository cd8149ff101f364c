import { Logger } from '@nestjs/common';
import type { Namespace, Socket } from 'socket.io';
import type { Authenticator } from '../auth/authenticator.js';
import { mayReachCluster, type Principal } from '../auth/principal.js';
import type { ClusterHost } from '../hosting/cluster-host.js';
import type { LiveCluster } from '../hosting/live-cluster.js';
import type { Acknowledge, Answer, Subscription } from './subscription.js';
import { ConnectionOutbox } from './subscription-outbox.js';

const SUBSCRIPTIONS_PER_CONNECTION_MAX = 100;

/** Who is connected, and what they have subscribed to. */
export interface StreamConnection {
  readonly socket: Socket;
  readonly principal: Principal;
  readonly outbox: ConnectionOutbox;
  readonly subscriptions: Map<string, Subscription>;
  nextSubscription: number;
}

interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** What a subscription may be made on. */
export type Admission =
  | { readonly live: LiveCluster; readonly connection: StreamConnection; readonly refusal?: never }
  | { readonly refusal: Refusal; readonly live?: never };

/** The connections of one Socket.IO namespace: each shows a token when it is made, and subscribes to what that may reach. */
export class StreamConnections {
  readonly #host: ClusterHost;
  readonly #authenticator: Authenticator;
  readonly #connections = new Map<string, StreamConnection>();
  readonly #logger = new Logger('streams');

  constructor(host: ClusterHost, authenticator: Authenticator) {
    this.#host = host;
    this.#authenticator = authenticator;
  }

  guard(namespace: Namespace): void {
    namespace.use((socket, next) => {
      this.#authenticate(socket).then(
        (principal) => {
          if (principal === undefined) return next(new HandshakeError(401, 'a valid token is required'));
          (socket.data as { principal?: Principal }).principal = principal;
          next();
        },
        (error: unknown) => {
          this.#logger.error(error);
          next(new HandshakeError(503, 'authentication is unavailable'));
        },
      );
    });
  }

  opened(socket: Socket): void {
    const { principal } = socket.data as { principal: Principal };
    const outbox = new ConnectionOutbox(socket);
    const connection = { socket, principal, outbox, subscriptions: new Map<string, Subscription>() };
    this.#connections.set(socket.id, { ...connection, nextSubscription: 1 });
    if (principal.type !== 'tenant') return;
    const release = this.#authenticator.whileGood(tokenOf(socket), () => socket.disconnect(true));
    socket.once('disconnect', release);
  }

  closed(socket: Socket): void {
    const connection = this.#connections.get(socket.id);
    this.#connections.delete(socket.id);
    connection?.outbox.close();
    for (const subscription of connection?.subscriptions.values() ?? []) subscription.cancel();
  }

  /** What of a cluster somebody may subscribe to; `undefined` where the connection is gone already. */
  admit(socket: Socket, of: { readonly tenant: string; readonly cluster: string }): Admission | undefined {
    const connection = this.#connections.get(socket.id);
    if (connection === undefined) return undefined;
    const live = this.#host.find(of.tenant, of.cluster);
    if (live === undefined || !mayReachCluster(connection.principal, live.identity)) {
      const message = `tenant ${JSON.stringify(of.tenant)} has no cluster ${JSON.stringify(of.cluster)}`;
      return { refusal: { code: 404, message } };
    }
    if (connection.subscriptions.size >= SUBSCRIPTIONS_PER_CONNECTION_MAX) {
      const message = `a connection may have ${SUBSCRIPTIONS_PER_CONNECTION_MAX} subscriptions`;
      return { refusal: { code: 429, message } };
    }
    return { live, connection };
  }

  unsubscribe(socket: Socket, payload: unknown): Answer {
    const subscriptions = this.#connections.get(socket.id)?.subscriptions;
    const id = typeof payload === 'object' && payload !== null && 'subscription' in payload ? payload.subscription : '';
    const subscription = typeof id === 'string' ? subscriptions?.get(id) : undefined;
    if (typeof id !== 'string' || subscription === undefined) {
      return { error: { code: 404, message: 'there is no such subscription' } };
    }
    subscriptions?.delete(id);
    subscription.cancel();
    return { subscription: id };
  }

  #authenticate(socket: Socket): Promise<Principal | undefined> {
    const token = tokenOf(socket);
    return token === '' ? Promise.resolve(undefined) : this.#authenticator.authenticate(token);
  }
}

function tokenOf(socket: Socket): string {
  const { token } = socket.handshake.auth as { readonly token?: unknown };
  return typeof token === 'string' ? token : '';
}

/** What answers where nobody waits for it. */
export const answering =
  (acknowledge: Acknowledge | undefined): Acknowledge =>
  (answer) =>
    acknowledge?.(answer);

/** Socket.IO shows `data` to the client with the message of a refused connection. */
class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
  readonly data: { readonly code: number };

  constructor(code: number, message: string) {
    super(message);
    this.data = { code };
  }
}
