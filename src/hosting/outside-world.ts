import type { OutsideWorld } from '../engine/kube-apiserver/outside/outside-effect.js';
import type { LiveCluster } from './live-cluster.js';
import type { WebhookCaller } from './webhook-caller.js';

/** What one cluster can reach outside: effects are performed here, and their results enter the cluster between two events. */
export function outsideOf(live: LiveCluster, webhooks: WebhookCaller): OutsideWorld {
  return {
    perform({ id, payload }) {
      const result = webhooks.call(payload);
      void live.effect(
        result.then(
          (made) =>
            ({ apiServer }) =>
              apiServer.outside.settle(id, made),
        ),
      );
    },
    serviceUrl: (service) => live.identity.settings.outsideServices?.[service],
  };
}
