import { WebSocketGateway } from '@nestjs/websockets';
import { Authenticator } from '../auth/authenticator.js';
import type { WireCall } from '../engine/kube-apiserver/wire.js';
import { ClusterHost } from '../hosting/cluster-host.js';
import type { LiveCluster } from '../hosting/live-cluster.js';
import { ClustersSubscribeBody } from './clusters-subscribe.dto.js';
import { StreamConnections } from './stream-connections.js';
import { StreamGateway } from './stream-gateway.js';
import type { Subscription } from './subscription.js';

/**
 * What goes on in clusters: for the topic `decisions`, `decision {subscription, decision}` from the subscription on, as
 * `GET …/decisions` shows them. Error 410 tells a slow reader that there is a gap: what it missed may still be asked for over REST.
 */
@WebSocketGateway({ namespace: '/clusters' })
export class ClustersGateway extends StreamGateway<ClustersSubscribeBody> {
  constructor(host: ClusterHost, authenticator: Authenticator) {
    super(new StreamConnections(host, authenticator), ClustersSubscribeBody);
  }

  protected override follow(live: LiveCluster, body: ClustersSubscribeBody, subscription: Subscription): WireCall {
    return followDecisions(live, body, subscription);
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
