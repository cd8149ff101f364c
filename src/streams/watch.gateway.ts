import { WebSocketGateway } from '@nestjs/websockets';
import { Authenticator } from '../auth/authenticator.js';
import type { ObjectEvent, ObjectWatchSink } from '../engine/kube-apiserver/watch/object-watch.js';
import type { WireCall } from '../engine/kube-apiserver/wire.js';
import { ClusterHost } from '../hosting/cluster-host.js';
import type { LiveCluster } from '../hosting/live-cluster.js';
import { textCodec } from '../hosting/text-codec.js';
import { StreamConnections } from './stream-connections.js';
import { StreamGateway } from './stream-gateway.js';
import { SubscribeBody } from './subscribe.dto.js';
import type { Subscription } from './subscription.js';

/**
 * Objects as they change: `event {subscription, type, object}` and `bookmark {subscription, resourceVersion}`. Error 410 asks to
 * subscribe anew from the present state.
 */
@WebSocketGateway({ namespace: '/watch' })
export class WatchGateway extends StreamGateway<SubscribeBody> {
  constructor(host: ClusterHost, authenticator: Authenticator) {
    super(new StreamConnections(host, authenticator), SubscribeBody);
  }

  protected override follow(live: LiveCluster, body: SubscribeBody, subscription: Subscription): WireCall {
    return live.watch(watchOf(body), sinkOf(subscription));
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
