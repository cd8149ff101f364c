import { jest } from '@jest/globals';
import { TestServer } from '../support/server.js';
import { TestCluster, type AnyObject } from '../support/test-cluster.js';

const START = '2026-01-01T00:00:00Z';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

interface Resource {
  readonly name: string;
  readonly verbs: readonly string[];
}

interface History {
  /** The lines of every watch, by path. */
  readonly watches: Readonly<Record<string, readonly string[]>>;
  /** The whole list of every resource, by path. */
  readonly lists: Readonly<Record<string, string>>;
}

jest.setTimeout(60_000);

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

const web = (replicas: number) => ({
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'web',
            image: 'nginx:1.29',
            ports: [{ containerPort: 80 }],
            readinessProbe: { httpGet: { port: 80 }, initialDelaySeconds: 2 },
          },
        ],
      },
    },
  },
});

const service = {
  metadata: { name: 'web' },
  spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] },
};

/** The paths of all resources that can be listed and watched. */
async function watchablePaths(cluster: TestCluster): Promise<readonly string[]> {
  const { groups } = await cluster.kubernetes.get<{
    groups: { preferredVersion: { groupVersion: string } }[];
  }>('/apis');
  const roots = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const found: string[] = [];
  for (const root of roots) {
    const { resources } = await cluster.kubernetes.get<{ resources: readonly Resource[] }>(root);
    for (const { name, verbs } of resources) {
      if (verbs.includes('list') && verbs.includes('watch')) found.push(`${root}/${name}`);
    }
  }
  return found;
}

/** The same inputs to a fresh cluster, each at the same instant of its time; and all that can be seen of it. */
async function play(seed: number): Promise<History> {
  const clock = { mode: 'paused', start: START } as const;
  const cluster = await TestCluster.create(server, { name: 'twice', seed, clock, latency: 'realistic' });
  const paths = await watchablePaths(cluster);
  const abort = new AbortController();
  const watches: Record<string, string[]> = {};
  const readings = paths.map(async (path) => {
    const lines: string[] = (watches[path] = []);
    for await (const line of cluster.kubernetes.lines(`${path}?watch=1&resourceVersion=0`, abort.signal))
      lines.push(line);
  });
  try {
    const { kubernetes } = cluster;
    await kubernetes.post(DEPLOYMENTS, web(3));
    await cluster.advance('2s');
    await kubernetes.post('/api/v1/namespaces/default/services', service);
    await cluster.advance('1m');
    await kubernetes.patch(`${DEPLOYMENTS}/web`, {
      spec: { template: { metadata: { annotations: { 'example.com/round': '2' } } } },
    });
    await cluster.advance('700ms');
    await kubernetes.patch(`${DEPLOYMENTS}/web`, { spec: { replicas: 6 } });
    await cluster.advance('1m');
    await cluster.management.put('/nodes/worker-2/kubelet', { state: 'stopped' });
    await cluster.advance('7m');
    await cluster.management.put('/nodes/worker-2/kubelet', { state: 'running' });
    const [victim] = await cluster.list('/api/v1/namespaces/default/pods');
    await kubernetes.delete(`/api/v1/namespaces/default/pods/${victim!.metadata.name}`);
    await kubernetes.post('/api/v1/namespaces', { metadata: { name: 'short-lived' } });
    await cluster.advance('1m');
    await kubernetes.delete('/api/v1/namespaces/short-lived');
    await cluster.advance('5m');
    const lists: Record<string, string> = {};
    for (const path of paths) lists[path] = (await kubernetes.send('GET', path)).text;
    return { watches: await settled(watches, lists), lists };
  } finally {
    abort.abort();
    await Promise.allSettled(readings);
    await cluster.management.delete('');
  }
}

/** A watch has said all when its last event is about the newest version that the list knows; quiet ones have nothing to say. */
async function settled(
  watches: Readonly<Record<string, readonly string[]>>,
  lists: Readonly<Record<string, string>>,
): Promise<History['watches']> {
  const lengths = (): string =>
    Object.values(watches)
      .map(({ length }) => length)
      .join();
  const newest = (path: string): number =>
    Math.max(0, ...(JSON.parse(lists[path]!) as { items: AnyObject[] }).items.map(versionOf));
  const isBehind = (path: string): boolean =>
    Math.max(0, ...watches[path]!.map((line) => versionOf((JSON.parse(line) as { object: AnyObject }).object))) <
    newest(path);
  for (let before = ''; before !== lengths() || Object.keys(watches).some(isBehind);) {
    before = lengths();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Object.fromEntries(Object.entries(watches).map(([path, lines]) => [path, [...lines]]));
}

const versionOf = ({ metadata }: AnyObject): number => Number(metadata.resourceVersion);

describe('a cluster with a seed and a paused clock', () => {
  it('has a byte-identical history when it is made and driven again', async () => {
    const first = await play(7);
    const second = await play(7);
    const watched = Object.values(first.watches).flat();
    expect(watched.length).toBeGreaterThan(300);
    expect(Object.keys(second.watches)).toEqual(Object.keys(first.watches));
    for (const path of Object.keys(first.watches)) {
      expect([path, second.watches[path]]).toEqual([path, first.watches[path]]);
      expect([path, second.lists[path]]).toEqual([path, first.lists[path]]);
    }
  });

  it('has another history with another seed', async () => {
    const pods = '/api/v1/pods';
    expect((await play(7)).lists[pods]).not.toEqual((await play(8)).lists[pods]);
  });
});
