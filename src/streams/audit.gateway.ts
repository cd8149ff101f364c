import { Ack, ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { OnGatewayConnection, OnGatewayDisconnect, OnGatewayInit } from '@nestjs/websockets';
import type { Namespace, Socket } from 'socket.io';
import { Authenticator } from '../auth/authenticator.js';
import { shownEvent } from '../engine/kube-apiserver/audit/audit-event.js';
import type { AuditTrail } from '../engine/kube-apiserver/audit/audit-trail.js';
import type { WireCall } from '../engine/kube-apiserver/wire.js';
import { resourceExpired } from '../engine/machinery/status-error.js';
import { ClusterHost } from '../hosting/cluster-host.js';
import type { LiveCluster } from '../hosting/live-cluster.js';
import { AuditSubscribeBody, filterOf } from './audit-subscribe.dto.js';
import { answering, StreamConnections } from './stream-connections.js';
import { parseSubscribeBody } from './subscribe.dto.js';
import { Subscription, type Acknowledge, type Answer } from './subscription.js';

const OLDEST = 'oldest';
const NOTHING_TO_CANCEL: WireCall = Object.freeze({ cancel: () => undefined });

/**
 * Audit events of clusters as they come, over Socket.IO. `subscribe` is acknowledged with `{subscription}` or
 * `{error: {code, message}}`; then come `event {subscription, position, event}` and, when a subscription ends by itself,
 * `error {subscription, code, message}`. Code 410 says that events are lost, or, of a slow reader, that it may go on behind
 * the last position that it has seen.
 */
@WebSocketGateway({ namespace: '/audit' })
export class AuditGateway
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
    const body = parseSubscribeBody(AuditSubscribeBody, payload);
    if ('problem' in body) return answer({ error: { code: 400, message: body.problem } });
    const admission = this.#connections.admit(socket, body);
    if (admission === undefined) return;
    if (admission.refusal !== undefined) return answer({ error: admission.refusal });
    const subscription = new Subscription(admission.connection, answer);
    subscription.opened(follow(admission.live, body, subscription));
  }

  @SubscribeMessage('unsubscribe')
  unsubscribe(@ConnectedSocket() socket: Socket, @MessageBody() payload: unknown): Answer {
    return this.#connections.unsubscribe(socket, payload);
  }
}

function follow(live: LiveCluster, body: AuditSubscribeBody, subscription: Subscription): WireCall {
  const sink = {
    event: ({ position, event }: Told) => subscription.send(() => ['event', { position, event: shownEvent(event) }]),
    error: (status: Parameters<Subscription['error']>[0]) => subscription.error(status),
  };
  return live.follow(sink, ({ apiServer: { auditor } }, gated) => {
    const { trail } = auditor;
    const after = placeOf(trail, body.position);
    if (after === undefined) {
      gated.error(resourceExpired('the events behind the position are not kept any more').status);
      return NOTHING_TO_CANCEL;
    }
    return trail.follow(filterOf(body), after, ({ sequence, revision, event }) =>
      gated.event({ revision, position: trail.positionOf(sequence), event }),
    );
  });
}

interface Told {
  readonly revision: number;
  readonly position: string;
  readonly event: Parameters<typeof shownEvent>[0];
}

function placeOf(trail: AuditTrail, position: string | undefined): number | undefined {
  if (position === undefined) return trail.newest;
  return position === OLDEST ? trail.lost : trail.sequenceAt(position);
}
