import { Logger } from '@nestjs/common';
import { Ack, ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { OnGatewayConnection, OnGatewayDisconnect, OnGatewayInit } from '@nestjs/websockets';
import type { Namespace, Socket } from 'socket.io';
import { Authenticator } from '../auth/authenticator.js';
import { mayReachCluster, type Principal } from '../auth/principal.js';
import type { ObjectEvent, ObjectWatchSink } from '../engine/kube-apiserver/watch/object-watch.js';
import type { WireCall } from '../engine/kube-apiserver/wire.js';
import type { Status } from '../engine/machinery/status-error.js';
import { ClusterHost } from '../hosting/cluster-host.js';
import { textCodec } from '../hosting/text-codec.js';
import { ConnectionOutbox, type SubscriptionOutbox } from './subscription-outbox.js';
import { parseSubscribeBody, type SubscribeBody } from './subscribe.dto.js';

const SUBSCRIPTIONS_PER_CONNECTION_MAX = 100;

interface Subscription {
  readonly outbox: SubscriptionOutbox;
  call: WireCall | undefined;
}

interface Connection {
  readonly principal: Principal;
  readonly outbox: ConnectionOutbox;
  readonly subscriptions: Map<string, Subscription>;
  nextSubscription: number;
}

type Answer =
  { readonly subscription: string } | { readonly error: { readonly code: number; readonly message: string } };

/**
 * Objects as they change, over Socket.IO. `subscribe` is acknowledged with `{subscription}` or `{error: {code, message}}`;
 * then come `event {subscription, type, object}`, `bookmark {subscription, resourceVersion}` and, when a subscription ends
 * by itself, `error {subscription, code, message}`. Code 410 asks to subscribe anew from the present state.
 */
@WebSocketGateway({ namespace: '/watch' })
export class WatchGateway
  implements OnGatewayInit<Namespace>, OnGatewayConnection<Socket>, OnGatewayDisconnect<Socket>
{
  readonly #host: ClusterHost;
  readonly #authenticator: Authenticator;
  readonly #connections = new Map<string, Connection>();
  readonly #logger = new Logger('streams');

  constructor(host: ClusterHost, authenticator: Authenticator) {
    this.#host = host;
    this.#authenticator = authenticator;
  }

  afterInit(namespace: Namespace): void {
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

  handleConnection(socket: Socket): void {
    const { principal } = socket.data as { principal: Principal };
    const outbox = new ConnectionOutbox(socket);
    this.#connections.set(socket.id, { principal, outbox, subscriptions: new Map(), nextSubscription: 1 });
    if (principal.type !== 'tenant') return;
    const release = this.#authenticator.whileGood(tokenOf(socket), () => socket.disconnect(true));
    socket.once('disconnect', release);
  }

  handleDisconnect(socket: Socket): void {
    const connection = this.#connections.get(socket.id);
    this.#connections.delete(socket.id);
    connection?.outbox.close();
    for (const { call } of connection?.subscriptions.values() ?? []) call?.cancel();
  }

  @SubscribeMessage('subscribe')
  subscribe(
    @ConnectedSocket() socket: Socket,
    @MessageBody() payload: unknown,
    @Ack() acknowledge?: (answer: Answer) => void,
  ): void {
    const answer = (value: Answer): void => acknowledge?.(value);
    const refuse = (code: number, message: string): void => answer({ error: { code, message } });
    const connection = this.#connections.get(socket.id);
    if (connection === undefined) return;
    const body = parseSubscribeBody(payload);
    if ('problem' in body) return refuse(400, body.problem);
    const live = this.#host.find(body.tenant, body.cluster);
    if (live === undefined || !mayReachCluster(connection.principal, live.identity)) {
      return refuse(404, `tenant ${JSON.stringify(body.tenant)} has no cluster ${JSON.stringify(body.cluster)}`);
    }
    if (connection.subscriptions.size >= SUBSCRIPTIONS_PER_CONNECTION_MAX) {
      return refuse(429, `a connection may have ${SUBSCRIPTIONS_PER_CONNECTION_MAX} subscriptions`);
    }
    const id = String(connection.nextSubscription++);
    const sink = new SubscriptionSink(id, socket, connection, answer);
    sink.opened(live.watch(watchOf(body), sink));
  }

  @SubscribeMessage('unsubscribe')
  unsubscribe(@ConnectedSocket() socket: Socket, @MessageBody() payload: unknown): object {
    const subscriptions = this.#connections.get(socket.id)?.subscriptions;
    const id = typeof payload === 'object' && payload !== null && 'subscription' in payload ? payload.subscription : '';
    const subscription = typeof id === 'string' ? subscriptions?.get(id) : undefined;
    if (typeof id !== 'string' || subscription === undefined) {
      return { error: { code: 404, message: 'there is no such subscription' } };
    }
    subscriptions?.delete(id);
    subscription.outbox.close();
    subscription.call?.cancel();
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

/** Socket.IO shows `data` to the client with the message of a refused connection. */
class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
  readonly data: { readonly code: number };

  constructor(code: number, message: string) {
    super(message);
    this.data = { code };
  }
}

/** Puts one subscription's events on its connection, after the acknowledgement that names it. */
class SubscriptionSink implements ObjectWatchSink {
  readonly #id: string;
  readonly #socket: Socket;
  readonly #connection: Connection;
  readonly #answer: (answer: Answer) => void;
  readonly #subscription: Subscription;
  #isAcknowledged = false;

  constructor(id: string, socket: Socket, connection: Connection, answer: (answer: Answer) => void) {
    this.#id = id;
    this.#socket = socket;
    this.#connection = connection;
    this.#answer = answer;
    const outbox = connection.outbox.open(() => this.#end(410, 'the reader is too slow: subscribe anew'));
    this.#subscription = { outbox, call: undefined };
    connection.subscriptions.set(id, this.#subscription);
  }

  /** The watch stands, or was refused already. */
  opened(call: WireCall): void {
    if (!this.#connection.subscriptions.has(this.#id)) return call.cancel();
    this.#subscription.call = call;
    this.#acknowledge();
  }

  event({ type, object }: ObjectEvent): void {
    this.#acknowledge();
    const subscription = this.#id;
    this.#subscription.outbox.send(() => {
      const value: unknown = JSON.parse(textCodec.decode(object));
      if (type === 'BOOKMARK') this.#socket.emit('bookmark', { subscription, ...bookmarkOf(value) });
      else this.#socket.emit('event', { subscription, type, object: value });
    });
  }

  error({ code = 500, message = '' }: Status): void {
    if (this.#isAcknowledged) this.#subscription.outbox.send(() => this.#end(code, message));
    else {
      this.#forget();
      this.#answer({ error: { code, message } });
    }
  }

  #acknowledge(): void {
    if (this.#isAcknowledged) return;
    this.#isAcknowledged = true;
    this.#answer({ subscription: this.#id });
  }

  #end(code: number, message: string): void {
    this.#socket.emit('error', { subscription: this.#id, code, message });
    this.#forget();
  }

  #forget(): void {
    this.#connection.subscriptions.delete(this.#id);
    this.#subscription.outbox.close();
    this.#subscription.call?.cancel();
  }
}

const watchOf = ({ apiVersion, kind, namespace, labelSelector, fieldSelector, resourceVersion }: SubscribeBody) => ({
  apiVersion,
  kind,
  ...(namespace === undefined ? {} : { namespace }),
  ...(labelSelector === undefined ? {} : { labelSelector }),
  ...(fieldSelector === undefined ? {} : { fieldSelector }),
  ...(resourceVersion === undefined ? {} : { resourceVersion }),
});

/** `isInitialEnd` is set on the bookmark that ends the present state. */
function bookmarkOf(object: unknown): { readonly resourceVersion: string; readonly isInitialEnd?: true } {
  const { metadata } = object as {
    readonly metadata: { readonly resourceVersion: string; readonly annotations?: Readonly<Record<string, string>> };
  };
  const isInitialEnd = metadata.annotations?.['k8s.io/initial-events-end'] === 'true';
  return { resourceVersion: metadata.resourceVersion, ...(isInitialEnd ? { isInitialEnd } : {}) };
}
