import { jest } from '@jest/globals';
import { TestServer } from '../support/server.js';
import { TestCluster, type AnyObject } from '../support/test-cluster.js';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const REPLICAS = 9;

interface Pod extends AnyObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly tolerations?: readonly { readonly key?: string; readonly tolerationSeconds?: number }[];
  };
  readonly status: {
    readonly phase: string;
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
  };
}

interface Node extends AnyObject {
  readonly spec: { readonly taints?: readonly { readonly key: string; readonly effect: string }[] };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

jest.setTimeout(60_000);

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

const isReady = ({ status }: Pod | Node): boolean =>
  status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');

const web = (replicas: number) => ({
  metadata: { name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: 'web', image: 'nginx:1.29', resources: { requests: { cpu: '100m', memory: '64Mi' } } }],
      },
    },
  },
});

/** A paused cluster with pods on every worker. */
async function clusterAtWork(name: string) {
  const cluster = await TestCluster.create(server, { name, seed: 5, clock: { mode: 'paused' }, latency: 'fast' });
  await cluster.kubernetes.post(DEPLOYMENTS, web(REPLICAS));
  await cluster.advance('30s');
  const pods = (): Promise<readonly Pod[]> => cluster.list<Pod>('/api/v1/namespaces/default/pods');
  const node = (): Promise<Node> => cluster.kubernetes.get<Node>('/api/v1/nodes/worker-1');
  const on = async (nodeName: string): Promise<readonly Pod[]> =>
    (await pods()).filter(({ spec }) => spec.nodeName === nodeName);
  return { cluster, pods, node, on };
}

describe('a worker whose kubelet stops', () => {
  it('is found lost after its grace period, and its pods run elsewhere after their tolerance', async () => {
    const { cluster, pods, node, on } = await clusterAtWork('lost');
    const lost = await on('worker-1');
    expect(lost.length).toBeGreaterThan(0);
    expect((await pods()).filter(isReady)).toHaveLength(REPLICAS);
    expect(lost[0]!.spec.tolerations).toContainEqual(expect.objectContaining({ tolerationSeconds: 300 }));

    await cluster.management.put('/nodes/worker-1/kubelet', { state: 'stopped' });
    await cluster.advance('30s');
    expect(isReady(await node())).toBe(true);

    await cluster.advance('30s');
    const silent = await node();
    expect(isReady(silent)).toBe(false);
    expect(silent.status.conditions.find(({ type }) => type === 'Ready')?.status).toBe('Unknown');
    expect(silent.spec.taints?.map(({ key, effect }) => `${key}:${effect}`).toSorted()).toEqual([
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ]);
    expect((await on('worker-1')).filter(isReady)).toEqual([]);
    expect((await on('worker-1')).map(({ metadata }) => metadata.deletionTimestamp)).toEqual(lost.map(() => undefined));

    await cluster.advance('4m');
    expect((await on('worker-1')).map(({ metadata }) => metadata.deletionTimestamp)).toEqual(lost.map(() => undefined));

    await cluster.advance('90s');
    const evicted = await on('worker-1');
    expect(evicted.map(({ metadata }) => metadata.name)).toEqual(lost.map(({ metadata }) => metadata.name));
    expect(evicted.filter(({ metadata }) => metadata.deletionTimestamp === undefined)).toEqual([]);
    const elsewhere = (await pods()).filter(({ spec }) => spec.nodeName !== 'worker-1');
    expect(elsewhere.filter(isReady)).toHaveLength(REPLICAS);
    expect(elsewhere.map(({ spec }) => spec.nodeName)).toEqual(
      elsewhere.map(() => expect.stringMatching(/worker-[23]/)),
    );
  });

  it('takes work again when its kubelet comes back, and lets go of what was evicted', async () => {
    const { cluster, pods, node, on } = await clusterAtWork('found');
    await cluster.management.put('/nodes/worker-1/kubelet', { state: 'stopped' });
    await cluster.advance('8m');
    await cluster.management.put('/nodes/worker-1/kubelet', { state: 'running' });
    await cluster.advance('2m');
    expect(isReady(await node())).toBe(true);
    expect((await node()).spec.taints).toBeUndefined();
    expect(await on('worker-1')).toEqual([]);
    expect((await pods()).filter(isReady)).toHaveLength(REPLICAS);
    await cluster.kubernetes.patch(`${DEPLOYMENTS}/web`, { spec: { replicas: REPLICAS * 2 } });
    await cluster.advance('1m');
    expect((await on('worker-1')).filter(isReady).length).toBeGreaterThan(0);
  });

  it('keeps its pods when it comes back in time', async () => {
    const { cluster, on } = await clusterAtWork('brief');
    const names = (await on('worker-1')).map(({ metadata }) => metadata.uid);
    await cluster.management.put('/nodes/worker-1/kubelet', { state: 'stopped' });
    await cluster.advance('3m');
    await cluster.management.put('/nodes/worker-1/kubelet', { state: 'running' });
    await cluster.advance('10m');
    const kept = await on('worker-1');
    expect(kept.map(({ metadata }) => metadata.uid)).toEqual(names);
    expect(kept.filter(isReady)).toHaveLength(names.length);
  });
});
