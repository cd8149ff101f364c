import { jest } from '@jest/globals';
import { ADD, DELETE, KubeConfig, makeInformer, UPDATE, type V1ConfigMap } from '@kubernetes/client-node';
import { CONFIG_MAP_EVENTS, CONFIG_MAPS, hasEnded, writeConfigMaps } from '../support/config-map-load.js';
import { eventually } from '../support/eventually.js';
import { TestServer } from '../support/server.js';
import { TestCluster, type AnyObject, type ListOf } from '../support/test-cluster.js';
import { connectToWatch, subscribe, type Seen } from '../support/watch-client.js';

jest.setTimeout(60_000);

const LABEL = 'ordered';
const SELECTOR = `test=${LABEL}`;

let server: TestServer;
let cluster: TestCluster;

beforeAll(async () => {
  server = await TestServer.start();
  cluster = await TestCluster.create(server, { name: 'informed', latency: 'instant', topology: { workers: 1 } });
});
afterAll(async () => {
  await cluster.cleanUp();
  await server.stop();
});

/** The events that the client library's informer tells of, until `stop`. */
async function startInformer() {
  const config = new KubeConfig();
  config.loadFromFile(await cluster.kubeconfig());
  const list = async () => {
    const path = `${CONFIG_MAPS}?labelSelector=${encodeURIComponent(SELECTOR)}`;
    const { items, metadata } = await cluster.kubernetes.get<ListOf<V1ConfigMap>>(path);
    return { items: [...items], metadata };
  };
  const informer = makeInformer<V1ConfigMap>(config, CONFIG_MAPS, list, SELECTOR);
  const events: Seen[] = [];
  for (const [verb, type] of [[ADD, 'ADDED'] as const, [UPDATE, 'MODIFIED'] as const, [DELETE, 'DELETED'] as const]) {
    informer.on(verb, ({ metadata }) => {
      events.push([type, metadata?.name ?? '', metadata?.resourceVersion ?? '']);
    });
  }
  const failures: unknown[] = [];
  informer.on('error', (error) => failures.push(error));
  await informer.start();
  return { events, failures, stop: () => informer.stop() };
}

function startWatch() {
  const events: Seen[] = [];
  const abort = new AbortController();
  const path = `${CONFIG_MAPS}?watch=1&resourceVersion=0&labelSelector=${encodeURIComponent(SELECTOR)}`;
  const reading = (async () => {
    for await (const line of cluster.kubernetes.lines(path, abort.signal)) {
      const { type, object } = JSON.parse(line) as { type: string; object: AnyObject };
      events.push([type, object.metadata.name, object.metadata.resourceVersion]);
    }
  })();
  return {
    events,
    stop: () => {
      abort.abort();
      return reading;
    },
  };
}

describe('an informer, a raw watch and a Socket.IO subscription', () => {
  it('see the same events in the same order', async () => {
    const informer = await startInformer();
    const watch = startWatch();
    const socket = await connectToWatch(server);
    try {
      const body = {
        tenant: 'default',
        cluster: 'informed',
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: 'default',
      };
      const subscription = await subscribe(socket, { ...body, labelSelector: SELECTOR });
      await writeConfigMaps(cluster.kubernetes, LABEL);
      await eventually(() => [informer, subscription, watch].every(({ events }) => hasEnded(events, LABEL)));
      expect(watch.events).toHaveLength(CONFIG_MAP_EVENTS);
      expect(subscription.events).toEqual(watch.events);
      expect(informer.events).toEqual(watch.events);
      expect(informer.failures).toEqual([]);
      const versions = watch.events.map(([, , version]) => Number(version));
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(new Set(versions).size).toBe(versions.length);
    } finally {
      socket.disconnect();
      await informer.stop();
      await watch.stop();
    }
  });
});
