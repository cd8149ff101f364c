import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { controllerRevision } from '../../kinds/controller-revision.js';
import { daemonSet } from '../../kinds/daemon-set.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { keyOf } from '../../machinery/object.js';

const NODES = ['worker-1', 'worker-2', 'worker-3'];
const template = (tag = '1', spec: Json = {}): Json => ({
  metadata: { labels: { app: 'log' } },
  spec: { containers: [{ name: 'app', image: `registry.example/app:${tag}` }], ...spec },
});

function worldWith(spec: Json = {}, options: ConstructorParameters<typeof ControllerWorld>[0] = {}): ControllerWorld {
  const world = new ControllerWorld({ nodes: NODES, followsAffinity: true, ...options });
  const body = {
    metadata: { name: 'log' },
    spec: { selector: { matchLabels: { app: 'log' } }, template: template(), ...spec },
  };
  world.harness.request('POST', '/apis/apps/v1/namespaces/default/daemonsets', body);
  world.run(4);
  return world;
}

const statusOf = (world: ControllerWorld): Json => world.client.get(daemonSet, 'default/log')?.status;
const patch = (world: ControllerWorld, spec: Json): void => world.client.patch(daemonSet, 'default/log', { spec });
const nodesOf = (world: ControllerWorld): readonly string[] =>
  world
    .pods()
    .map(({ spec }) => spec.nodeName ?? '')
    .toSorted();
const tagOf = ({ spec }: Pod): string => spec.containers[0]?.image?.split(':')[1] ?? '';
const tags = (world: ControllerWorld): string => world.pods().map(tagOf).toSorted().join('');
const onNode = (world: ControllerWorld, name: string): Pod => world.pods().find(({ spec }) => spec.nodeName === name)!;

describe('daemonset-controller', () => {
  it('runs one pod on every node, bound to it by affinity', () => {
    const world = worldWith();
    expect(nodesOf(world)).toEqual(NODES);
    expect(statusOf(world)).toEqual({
      currentNumberScheduled: 3,
      desiredNumberScheduled: 3,
      numberMisscheduled: 0,
      numberReady: 3,
      observedGeneration: 1,
      updatedNumberScheduled: 3,
      numberAvailable: 3,
    });
    const [first] = world.pods();
    const terms = first!.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
    expect(terms).toEqual([
      { matchFields: [{ key: 'metadata.name', operator: 'In', values: [first!.spec.nodeName] }] },
    ]);
    expect(first!.spec.tolerations?.map(({ key, effect }) => `${key ?? ''}:${effect ?? ''}`)).toEqual([
      'node.kubernetes.io/not-ready:NoExecute',
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/disk-pressure:NoSchedule',
      'node.kubernetes.io/memory-pressure:NoSchedule',
      'node.kubernetes.io/pid-pressure:NoSchedule',
      'node.kubernetes.io/unschedulable:NoSchedule',
    ]);
    expect(world.errors).toEqual([]);
  });

  it('follows nodes as they come, and as their labels and taints change', () => {
    const world = worldWith({ template: template('1', { nodeSelector: { disk: 'ssd' } }) });
    expect(nodesOf(world)).toEqual([]);
    expect(statusOf(world)).toMatchObject({ desiredNumberScheduled: 0 });
    world.client.patch(node, 'worker-1', { metadata: { labels: { disk: 'ssd' } } });
    world.addNode('worker-4', { disk: 'ssd' });
    world.run(4);
    expect(nodesOf(world)).toEqual(['worker-1', 'worker-4']);
    world.client.patch(node, 'worker-1', { metadata: { labels: { disk: null } } });
    world.client.patch(node, 'worker-4', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } });
    world.run(4);
    expect(nodesOf(world)).toEqual(['worker-4']);
    expect(statusOf(world)).toMatchObject({ desiredNumberScheduled: 0, numberMisscheduled: 1 });
  });

  it('replaces as many at once as may be unavailable', () => {
    const world = worldWith({ updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } });
    patch(world, { template: template('2') });
    world.run(0.5);
    expect(world.pods().filter(({ metadata }) => metadata.deletionTimestamp !== undefined)).toHaveLength(2);
    world.run(15);
    expect(tags(world)).toBe('222');
    expect(statusOf(world)).toMatchObject({ updatedNumberScheduled: 3, numberAvailable: 3, observedGeneration: 2 });
  });

  it('runs the new beside the old pod where it may surge', () => {
    const world = worldWith({ updateStrategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } });
    patch(world, { template: template('2') });
    world.run(0.5);
    expect(tags(world)).toBe('1112');
    expect(world.pods().every(({ metadata }) => metadata.deletionTimestamp === undefined)).toBe(true);
    world.run(20);
    expect(tags(world)).toBe('222');
  });

  it('leaves updates to whoever deletes pods', () => {
    const world = worldWith({ updateStrategy: { type: 'OnDelete' } });
    patch(world, { template: template('2') });
    world.run(5);
    expect(tags(world)).toBe('111');
    world.client.delete(pod, onNode(world, 'worker-2'));
    world.run(5);
    expect(tags(world)).toBe('112');
    expect(statusOf(world)).toMatchObject({ updatedNumberScheduled: 1 });
  });

  it('stops an update that does not get available', () => {
    const world = worldWith({}, { getsReady: (object) => tagOf(object) === '1' });
    patch(world, { template: template('2') });
    world.run(20);
    expect(tags(world)).toBe('112');
    expect(statusOf(world)).toMatchObject({ numberUnavailable: 1, numberReady: 2 });
    patch(world, { template: template('1') });
    world.run(20);
    expect(tags(world)).toBe('111');
    const revisions = world.client.list(controllerRevision, 'default').map(({ revision }) => revision);
    expect(revisions.toSorted((a, b) => a - b)).toEqual([2, 3]);
  });

  it('replaces failed pods, later with each failure', () => {
    const world = worldWith();
    const { name } = onNode(world, 'worker-1').metadata;
    const fail = (): void =>
      world.client.patchStatus(pod, keyOf(onNode(world, 'worker-1')), { status: { phase: 'Failed' } });
    fail();
    world.run(4);
    expect(onNode(world, 'worker-1').status?.phase).toBe('Running');
    expect(world.said('log')).toContain(
      `FailedDaemonPod: Found failed daemon pod default/${name} on node worker-1, will try to kill it`,
    );
    for (let count = 0; count < 5; count++) {
      fail();
      world.run(count < 4 ? 10 : 0);
    }
    world.run(2);
    expect(onNode(world, 'worker-1').status?.phase).toBe('Failed');
    world.run(20);
    expect(onNode(world, 'worker-1').status?.phase).toBe('Running');
  });

  it('counts a pod as available only after minReadySeconds', () => {
    const world = worldWith({ minReadySeconds: 30 });
    expect(statusOf(world)).toMatchObject({ numberReady: 3, numberUnavailable: 3 });
    world.run(30);
    expect(statusOf(world)).toMatchObject({ numberReady: 3, numberAvailable: 3 });
  });
});
