import type { OutsideWorld } from '../engine/kube-apiserver/outside/outside-effect.js';
import { ClusterGoneError, ClusterStoppedError } from './cluster-errors.js';
import type { LiveCluster } from './live-cluster.js';
import type { WebhookCaller } from './webhook-caller.js';

/** What one cluster can reach outside: effects are performed here, and their results enter the cluster between two events. */
export function outsideOf(live: LiveCluster, webhooks: WebhookCaller): OutsideWorld {
  return {
    perform({ id, payload }) {
      void webhooks
        .call(payload)
        .then((result) => live.act(({ apiServer }) => apiServer.outside.settle(id, result)))
        .catch((error: unknown) => {
          // Nobody waits for the result any more.
          if (!(error instanceof ClusterGoneError) && !(error instanceof ClusterStoppedError)) throw error;
        });
    },
    serviceUrl: (service) => live.identity.settings.outsideServices?.[service],
  };
}
