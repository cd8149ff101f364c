import { Ack, ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { OnGatewayConnection, OnGatewayDisconnect, OnGatewayInit } from '@nestjs/websockets';
import type { Namespace, Socket } from 'socket.io';
import { Authenticator } from '../auth/authenticator.js';
import type { ObjectEvent, ObjectWatchSink } from '../engine/kube-apiserver/watch/object-watch.js';
import { ClusterHost } from '../hosting/cluster-host.js';
import { textCodec } from '../hosting/text-codec.js';
import { answering, StreamConnections } from './stream-connections.js';
import { parseSubscribeBody, SubscribeBody } from './subscribe.dto.js';
import { Subscription, type Acknowledge, type Answer } from './subscription.js';

/**
 * Objects as they change, over Socket.IO. `subscribe` is acknowledged with `{subscription}` or `{error: {code, message}}`;
 * then come `event {subscription, type, object}`, `bookmark {subscription, resourceVersion}` and, when a subscription ends
 * by itself, `error {subscription, code, message}`. Code 410 asks to subscribe anew from the present state.
 */
@WebSocketGateway({ namespace: '/watch' })
export class WatchGateway
  implements OnGatewayInit<Namespace>, OnGatewayConnection<Socket>, OnGatewayDisconnect<Socket>
{
  readonly #connections: StreamConnections;

  constructor(host: ClusterHost, authenticator: Authenticator) {
    this.#connections = new StreamConnections(host, authenticator);
  }

  afterInit(namespace: Namespace): void {
    this.#connections.guard(namespace);
  }

  handleConnection(socket: Socket): void {
    this.#connections.opened(socket);
  }

  handleDisconnect(socket: Socket): void {
    this.#connections.closed(socket);
  }

  @SubscribeMessage('subscribe')
  subscribe(
    @ConnectedSocket() socket: Socket,
    @MessageBody() payload: unknown,
    @Ack() acknowledge?: Acknowledge,
  ): void {
    const answer = answering(acknowledge);
    const body = parseSubscribeBody(SubscribeBody, payload);
    if ('problem' in body) return answer({ error: { code: 400, message: body.problem } });
    const admission = this.#connections.admit(socket, body);
    if (admission === undefined) return;
    if (admission.refusal !== undefined) return answer({ error: admission.refusal });
    const subscription = new Subscription(admission.connection, answer);
    subscription.opened(admission.live.watch(watchOf(body), sinkOf(subscription)));
  }

  @SubscribeMessage('unsubscribe')
  unsubscribe(@ConnectedSocket() socket: Socket, @MessageBody() payload: unknown): Answer {
    return this.#connections.unsubscribe(socket, payload);
  }
}

const sinkOf = (subscription: Subscription): ObjectWatchSink => ({
  event: ({ type, object }: ObjectEvent) =>
    subscription.send(() => {
      const value: unknown = JSON.parse(textCodec.decode(object));
      return type === 'BOOKMARK' ? ['bookmark', bookmarkOf(value)] : ['event', { type, object: value }];
    }),
  error: (status) => subscription.error(status),
});

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
