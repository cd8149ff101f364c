import { Ack, ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import type { OnGatewayConnection, OnGatewayDisconnect, OnGatewayInit } from '@nestjs/websockets';
import type { Namespace, Socket } from 'socket.io';
import type { WireCall } from '../engine/kube-apiserver/wire.js';
import type { LiveCluster } from '../hosting/live-cluster.js';
import { answering, type StreamConnections } from './stream-connections.js';
import { parseSubscribeBody, type ClusterSubscription } from './subscribe.dto.js';
import { Subscription, type Acknowledge, type Answer } from './subscription.js';

/**
 * A Socket.IO namespace that tells of clusters. `subscribe` is acknowledged with `{subscription}` or `{error: {code, message}}`,
 * `unsubscribe {subscription}` with the same; a subscription that ends by itself says `error {subscription, code, message}`.
 */
export abstract class StreamGateway<Body extends ClusterSubscription>
  implements OnGatewayInit<Namespace>, OnGatewayConnection<Socket>, OnGatewayDisconnect<Socket>
{
  readonly #connections: StreamConnections;
  readonly #body: new () => Body;

  protected constructor(connections: StreamConnections, body: new () => Body) {
    this.#connections = connections;
    this.#body = body;
  }

  /** Begins to tell the subscription what was asked for. */
  protected abstract follow(live: LiveCluster, body: Body, subscription: Subscription): WireCall;

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
    const body = parseSubscribeBody(this.#body, payload);
    if ('problem' in body) return answer({ error: { code: 400, message: body.problem } });
    const admission = this.#connections.admit(socket, body);
    if (admission === undefined) return;
    if (admission.refusal !== undefined) return answer({ error: admission.refusal });
    const subscription = new Subscription(admission.connection, answer);
    subscription.opened(this.follow(admission.live, body, subscription));
  }

  @SubscribeMessage('unsubscribe')
  unsubscribe(@ConnectedSocket() socket: Socket, @MessageBody() payload: unknown): Answer {
    return this.#connections.unsubscribe(socket, payload);
  }
}
