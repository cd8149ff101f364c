import type { OutsideWorld } from '../engine/kube-apiserver/outside/outside-effect.js';
import type { LiveCluster } from './live-cluster.js';
import type { FrontProxy } from './front-proxy.js';
import type { WebhookCaller } from './webhook-caller.js';

/** What one cluster can reach outside: effects are performed here, and their results enter the cluster between two events. */
export function outsideOf(live: LiveCluster, webhooks: WebhookCaller, frontProxy: FrontProxy): OutsideWorld {
  return {
    perform({ id, payload }) {
      const result = webhooks.call(payload, () => frontProxy.client);
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
