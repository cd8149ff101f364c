import { ClusterHarness, isReady } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';

const NODES = '/api/v1/nodes';
const ASKING = { 'kwok.x-k8s.io/node': 'fake' };
const CAPACITY = { cpu: '4', memory: '8Gi', pods: '10', 'ephemeral-storage': '10Gi' };

function createNode(harness: ClusterHarness, name: string, more: Json = {}): void {
  const { metadata = {}, spec = {}, status = { capacity: CAPACITY } } = more;
  harness.request('POST', NODES, { metadata: { name, labels: { made: 'here' }, ...metadata }, spec, status });
}

const node = (harness: ClusterHarness, name: string): Json => harness.get(`${NODES}/${name}`);
const conditionOf = (object: Json, wanted: string): Json =>
  object.status.conditions.find(({ type }: Json) => type === wanted);
const lease = (harness: ClusterHarness, name: string): Json =>
  harness
    .list('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases')
    .find(({ metadata }) => metadata.name === name);

/** A cluster without workers, and one Node that asks for a kubelet. */
function withNode(name = 'mine', more: Json = {}) {
  const harness = new ClusterHarness({ topology: { workers: 0 } });
  createNode(harness, name, { ...more, metadata: { annotations: ASKING, ...more.metadata } });
  harness.runFor(2);
  return harness;
}

describe('a Node that a client made', () => {
  it('is Ready with a kubelet of its own where it asks for one', () => {
    const harness = withNode();
    const mine = node(harness, 'mine');
    expect(isReady(mine)).toBe(true);
    expect(mine.metadata.labels).toEqual({ made: 'here' });
    expect(mine.status).toMatchObject({
      capacity: CAPACITY,
      allocatable: CAPACITY,
      addresses: [
        { type: 'InternalIP', address: expect.stringMatching(/^10\.1\./) },
        { type: 'Hostname', address: 'mine' },
      ],
      nodeInfo: { kubeletVersion: 'v1.35.2', operatingSystem: 'linux' },
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    });
    expect(lease(harness, 'mine').metadata.ownerReferences).toMatchObject([{ kind: 'Node', uid: mine.metadata.uid }]);
    expect(harness.cluster.kubeletState('mine')).toBe('running');
  });

  it('runs pods, and stays Ready however long nothing happens', () => {
    const harness = withNode();
    harness.runFor(600);
    harness.createPod('web', { containers: [{ name: 'app', image: 'nginx' }] });
    harness.runUntil(() => isReady(harness.pod('web')), 60);
    expect(harness.pod('web').spec.nodeName).toBe('mine');
    expect(harness.pod('web').status.hostIP).toMatch(/^10\.1\./);
    expect(isReady(node(harness, 'mine'))).toBe(true);
  });

  it('is found lost after its grace period where it asks for none', () => {
    const harness = new ClusterHarness({ topology: { workers: 0 } });
    const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'told by its maker' }];
    createNode(harness, 'ghost', { status: { capacity: CAPACITY, conditions } });
    harness.runFor(40);
    expect(isReady(node(harness, 'ghost'))).toBe(true);
    harness.runFor(30);
    expect(conditionOf(node(harness, 'ghost'), 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
    });
    expect(harness.cluster.kubeletState('ghost')).toBeUndefined();
  });

  it('has a kubelet anyway in a cluster that gives all of them one', () => {
    const harness = new ClusterHarness({ topology: { workers: 0 }, kubelets: 'all' });
    createNode(harness, 'mine');
    harness.runFor(120);
    expect(isReady(node(harness, 'mine'))).toBe(true);
  });

  it('stays as it is where its maker says that it is ready', () => {
    const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'ok' }];
    const harness = withNode('mine', { status: { capacity: CAPACITY, conditions } });
    harness.runFor(600);
    const { status } = node(harness, 'mine');
    expect(status.conditions).toMatchObject(conditions);
    expect(status.nodeInfo.kubeletVersion).toBe('');
    harness.createPod('web', { containers: [{ name: 'app', image: 'nginx' }] });
    harness.runUntil(() => isReady(harness.pod('web')), 60);
  });

  it('keeps what its maker said of it', () => {
    const taints = [{ key: 'mine', value: 'yes', effect: 'NoSchedule' }];
    const conditions = [
      { type: 'Ready', status: 'False', reason: 'Booting', message: 'not yet' },
      { type: 'DiskPressure', status: 'True', reason: 'x', message: 'full' },
    ];
    const addresses = [{ type: 'InternalIP', address: '10.9.8.7' }];
    const harness = withNode('mine', { spec: { taints }, status: { capacity: CAPACITY, conditions, addresses } });
    const mine = node(harness, 'mine');
    expect(conditionOf(mine, 'Ready')).toMatchObject({ status: 'True', reason: 'KubeletReady' });
    expect(conditionOf(mine, 'DiskPressure')).toMatchObject({ status: 'True', message: 'full' });
    expect(conditionOf(mine, 'MemoryPressure').status).toBe('False');
    expect(mine.status.addresses).toEqual(addresses);
    expect(mine.spec.taints.map(({ key }: Json) => key)).toEqual(['mine', 'node.kubernetes.io/disk-pressure']);
  });

  it('is there with its pods after a restart', () => {
    const harness = withNode();
    harness.createPod('web', { containers: [{ name: 'app', image: 'nginx' }] });
    harness.runUntil(() => isReady(harness.pod('web')), 60);
    const before = harness.pod('web').status;
    harness.crashAndRestore();
    harness.runFor(600);
    expect(isReady(node(harness, 'mine'))).toBe(true);
    expect(harness.pod('web').status.podIP).toBe(before.podIP);
    expect(harness.pod('web').status.containerStatuses[0].containerID).toBe(before.containerStatuses[0].containerID);
    expect(lease(harness, 'mine')).toBeDefined();
  });

  it('goes with all that ran on it', () => {
    const harness = withNode();
    harness.createPod('web', { containers: [{ name: 'app', image: 'nginx' }] });
    harness.runUntil(() => isReady(harness.pod('web')), 60);
    harness.request('DELETE', `${NODES}/mine`);
    harness.runFor(120);
    expect(harness.cluster.kubeletState('mine')).toBeUndefined();
    expect(lease(harness, 'mine')).toBeUndefined();
    expect(harness.pods()).toEqual([]);
    const disk = new Set<string>();
    for (const { key, value } of harness.history) {
      if (!key.startsWith('/nodes/mine/')) continue;
      if (value === undefined) disk.delete(key);
      else disk.add(key);
    }
    expect([...disk]).toEqual([]);
  });

  it('comes back as another machine under the same name', () => {
    const harness = withNode();
    harness.request('DELETE', `${NODES}/mine`);
    createNode(harness, 'mine', { metadata: { annotations: ASKING } });
    harness.runFor(120);
    expect(isReady(node(harness, 'mine'))).toBe(true);
    expect(harness.cluster.kubeletState('mine')).toBe('running');
  });

  it('loses its kubelet with the annotation, and has it back with that', () => {
    const harness = withNode();
    const annotate = (value: Json) =>
      harness.request(
        'PATCH',
        `${NODES}/mine`,
        { metadata: { annotations: { 'kwok.x-k8s.io/node': value } } },
        'application/merge-patch+json',
      );
    annotate(null);
    harness.runFor(70);
    expect(harness.cluster.kubeletState('mine')).toBe('stopped');
    expect(conditionOf(node(harness, 'mine'), 'Ready').status).toBe('Unknown');
    annotate('fake');
    harness.runFor(5);
    expect(isReady(node(harness, 'mine'))).toBe(true);
  });

  it('is found lost also where its kubelet stops as soon as it has begun', () => {
    const harness = withNode();
    harness.cluster.stopKubelet('mine');
    harness.runFor(5);
    harness.cluster.startKubelet('mine');
    harness.runFor(3);
    harness.cluster.stopKubelet('mine');
    harness.runFor(60);
    expect(conditionOf(node(harness, 'mine'), 'Ready').status).toBe('Unknown');
  });

  it('stays stopped where its kubelet was stopped by name, also after a restart', () => {
    const harness = withNode();
    harness.cluster.stopKubelet('mine');
    harness.runFor(70);
    harness.crashAndRestore();
    harness.runFor(10);
    expect(harness.cluster.kubeletState('mine')).toBe('stopped');
    expect(isReady(node(harness, 'mine'))).toBe(false);
  });

  it('takes a pod in the moment in which another that filled it is gone', () => {
    const harness = new ClusterHarness({ topology: { workers: 0 }, kubelets: 'all', latency: 'instant' });
    createNode(harness, 'mine');
    harness.runFor(2);
    const resources = { requests: { cpu: '3' } };
    const spec = { terminationGracePeriodSeconds: 0, containers: [{ name: 'app', image: 'nginx', resources }] };
    harness.createPod('first', spec);
    harness.runFor(2);
    harness.createPod('second', spec);
    harness.runFor(2);
    harness.request('DELETE', '/api/v1/namespaces/default/pods/first');
    harness.runFor(20);
    expect(isReady(harness.pod('second'))).toBe(true);
  });

  it('has pods wait where its range has no address left, until one is free', () => {
    const podCIDR = '10.200.0.0/30';
    const harness = withNode('mine', { spec: { podCIDR, podCIDRs: [podCIDR] } });
    const container = { name: 'app', image: 'nginx' };
    harness.createPod('first', { nodeName: 'mine', terminationGracePeriodSeconds: 0, containers: [container] });
    harness.runUntil(() => isReady(harness.pod('first')), 60);
    expect(harness.pod('first').status.podIP).toBe('10.200.0.2');
    harness.createPod('second', { nodeName: 'mine', containers: [container] });
    harness.runFor(30);
    expect(harness.pod('second').status.phase).toBe('Pending');
    expect(harness.eventsOf('second').at(-1)).toMatch(/^FailedCreatePodSandBox: .*no IP addresses available/);
    harness.request('DELETE', '/api/v1/namespaces/default/pods/first');
    harness.runUntil(() => isReady(harness.pod('second')), 60);
    expect(harness.pod('second').status.podIP).toBe('10.200.0.2');
  });

  it('has the address of a pod that has ended for another, also after a restart', () => {
    const podCIDR = '10.200.0.0/30';
    const harness = withNode('mine', { spec: { podCIDR, podCIDRs: [podCIDR] } });
    const once = { name: 'app', image: 'busybox', command: ['true'] };
    harness.createPod('first', { nodeName: 'mine', restartPolicy: 'Never', containers: [once] });
    harness.runUntil(() => harness.pod('first').status.phase === 'Succeeded', 60);
    harness.createPod('second', { nodeName: 'mine', containers: [{ name: 'app', image: 'nginx' }] });
    harness.runUntil(() => isReady(harness.pod('second')), 60);
    harness.request('DELETE', '/api/v1/namespaces/default/pods/first');
    harness.crashAndRestore();
    harness.runFor(5);
    const podIPs = harness.pods().map(({ status }) => status.podIP);
    expect(podIPs).toEqual(['10.200.0.2']);
    harness.createPod('third', { nodeName: 'mine', containers: [{ name: 'app', image: 'nginx' }] });
    harness.runFor(30);
    expect(harness.pod('third').status.phase).toBe('Pending');
  });
});

describe("a cluster's own nodes", () => {
  it('are in the region that its zones are parts of', () => {
    const regionsOf = (topology: Json): Json[] =>
      new ClusterHarness({ topology })
        .list(NODES)
        .map(({ metadata }) => metadata.labels['topology.kubernetes.io/region']);
    expect(regionsOf({ workers: 1, zones: ['a', 'b'] })).toEqual(['r1', 'r1']);
    expect(regionsOf({ workers: 1, zones: ['a'], region: 'mars' })).toEqual(['mars', 'mars']);
    expect(regionsOf({ workers: 1 })).toEqual([undefined, undefined]);
  });
});
