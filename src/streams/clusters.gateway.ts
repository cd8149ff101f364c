import { Ack, ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { OnGatewayConnection, OnGatewayDisconnect, OnGatewayInit } from '@nestjs/websockets';
import type { Namespace, Socket } from 'socket.io';
import { Authenticator } from '../auth/authenticator.js';
import type { WireCall } from '../engine/kube-apiserver/wire.js';
import { ClusterHost } from '../hosting/cluster-host.js';
import type { LiveCluster } from '../hosting/live-cluster.js';
import { ClustersSubscribeBody } from './clusters-subscribe.dto.js';
import { answering, StreamConnections } from './stream-connections.js';
import { parseSubscribeBody } from './subscribe.dto.js';
import { Subscription, type Acknowledge, type Answer } from './subscription.js';

/**
 * What goes on in clusters, over Socket.IO. `subscribe` is acknowledged with `{subscription}` or `{error: {code, message}}`;
 * then come, for the topic `decisions`, `decision {subscription, decision}` from that moment on, as `GET …/decisions` shows
 * them, and, when a subscription ends by itself, `error {subscription, code, message}`. Code 410 tells a slow reader that
 * there is a gap: what it missed may still be asked for over REST.
 */
@WebSocketGateway({ namespace: '/clusters' })
export class ClustersGateway
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
    const body = parseSubscribeBody(ClustersSubscribeBody, payload);
    if ('problem' in body) return answer({ error: { code: 400, message: body.problem } });
    const admission = this.#connections.admit(socket, body);
    if (admission === undefined) return;
    if (admission.refusal !== undefined) return answer({ error: admission.refusal });
    const subscription = new Subscription(admission.connection, answer);
    subscription.opened(followDecisions(admission.live, body, subscription));
  }

  @SubscribeMessage('unsubscribe')
  unsubscribe(@ConnectedSocket() socket: Socket, @MessageBody() payload: unknown): Answer {
    return this.#connections.unsubscribe(socket, payload);
  }
}

interface Told {
  readonly revision: number;
  readonly report: () => object;
}

function followDecisions(
  live: LiveCluster,
  { namespace, pod }: ClustersSubscribeBody,
  subscription: Subscription,
): WireCall {
  const sink = {
    event: ({ report }: Told) => subscription.send(() => ['decision', { decision: report() }]),
    error: (status: Parameters<Subscription['error']>[0]) => subscription.error(status),
  };
  return live.follow(sink, (cluster, gated) =>
    cluster.followDecisions((key, report) => {
      const slash = key.indexOf('/');
      if (namespace !== undefined && key.slice(0, slash) !== namespace) return;
      if (pod !== undefined && key.slice(slash + 1) !== pod) return;
      gated.event({ revision: cluster.revision, report });
    }),
  );
}
