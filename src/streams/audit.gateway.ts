import { WebSocketGateway } from '@nestjs/websockets';
import { Authenticator } from '../auth/authenticator.js';
import { shownEvent } from '../engine/kube-apiserver/audit/audit-event.js';
import type { AuditTrail } from '../engine/kube-apiserver/audit/audit-trail.js';
import type { WireCall } from '../engine/kube-apiserver/wire.js';
import { resourceExpired } from '../engine/machinery/status-error.js';
import { ClusterHost } from '../hosting/cluster-host.js';
import type { LiveCluster } from '../hosting/live-cluster.js';
import { AuditSubscribeBody, filterOf } from './audit-subscribe.dto.js';
import { StreamConnections } from './stream-connections.js';
import { StreamGateway } from './stream-gateway.js';
import type { Subscription } from './subscription.js';

const OLDEST = 'oldest';
const NOTHING_TO_CANCEL: WireCall = Object.freeze({ cancel: () => undefined });

/**
 * Audit events of clusters as they come: `event {subscription, position, event}`. Error 410 says that events are lost, or, of a
 * slow reader, that it may go on behind the last position that it has seen.
 */
@WebSocketGateway({ namespace: '/audit' })
export class AuditGateway extends StreamGateway<AuditSubscribeBody> {
  constructor(host: ClusterHost, authenticator: Authenticator) {
    super(new StreamConnections(host, authenticator), AuditSubscribeBody);
  }

  protected override follow(live: LiveCluster, body: AuditSubscribeBody, subscription: Subscription): WireCall {
    return follow(live, body, subscription);
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
