import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';

const GRACE_SECONDS = 50;
const TOLERATION_SECONDS = 300;

const ready = (world: ControllerWorld, name: string) =>
  world.node(name).status?.conditions?.find(({ type }) => type === 'Ready');
const taints = (world: ControllerWorld, name: string) =>
  (world.node(name).spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).toSorted();
const alive = (world: ControllerWorld) =>
  world.pods().filter(({ metadata }) => metadata.deletionTimestamp === undefined);

function worldWith(replicas: number) {
  const world = new ControllerWorld();
  const tolerations = ['not-ready', 'unreachable'].map((key) => ({
    key: `node.kubernetes.io/${key}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: TOLERATION_SECONDS,
  }));
  world.deploy('web', { replicas });
  const template = { spec: { tolerations } };
  world.patchDeployment('web', { template });
  world.run(10);
  return world;
}

describe('node-controller and taint-eviction-controller', () => {
  it('plan nothing for healthy nodes', () => {
    const world = worldWith(2);
    world.run(10);
    expect(world.harness.loop.nextDue ?? Number.POSITIVE_INFINITY).toBeGreaterThan(world.harness.loop.now + 60_000);
    expect(taints(world, 'worker-1')).toEqual([]);
  });

  it('give a lost node up after the grace period, taint it and mark its pods unready', () => {
    const world = worldWith(4);
    world.stopKubelet('worker-1');
    world.run(GRACE_SECONDS - 11);
    expect(ready(world, 'worker-1')?.status).toBe('True');
    world.run(12);
    expect(ready(world, 'worker-1')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    expect(taints(world, 'worker-1')).toEqual([
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ]);
    const unready = world
      .pods()
      .filter(({ status }) => status?.conditions?.some(({ status: value }) => value === 'False'));
    expect(unready.map(({ spec }) => spec.nodeName)).toEqual(['worker-1', 'worker-1']);
    expect(world.said('worker-1')).toContain('NodeNotReady: Node worker-1 status is now: NodeNotReady');
    expect(world.said(unready[0]!.metadata.name)).toContain('NodeNotReady: Node is not ready');
  });

  it('evict its pods when their tolerations end, and others take their place', () => {
    const world = worldWith(4);
    world.stopKubelet('worker-1');
    world.run(GRACE_SECONDS + TOLERATION_SECONDS - 20);
    expect(alive(world)).toHaveLength(4);
    world.run(40);
    expect(alive(world)).toHaveLength(4);
    expect(alive(world).map(({ spec }) => spec.nodeName)).toEqual(Array(4).fill('worker-2'));
    const stuck = world.pods().filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    expect(stuck).toHaveLength(2);
    expect(stuck[0]?.status?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
      }),
    );
    world.startKubelet('worker-1');
    world.run(5);
    expect(world.pods()).toHaveLength(4);
  });

  it('take everything back when the node returns in time', () => {
    const world = worldWith(4);
    const before = world.pods().map(({ metadata }) => metadata.uid);
    world.stopKubelet('worker-1');
    world.run(GRACE_SECONDS + 60);
    world.startKubelet('worker-1');
    world.run(5);
    expect(taints(world, 'worker-1')).toEqual([]);
    expect(ready(world, 'worker-1')?.status).toBe('True');
    world.run(TOLERATION_SECONDS);
    expect(world.pods().map(({ metadata }) => metadata.uid)).toEqual(before);
    const held = world.pods().find(({ spec }) => spec.nodeName === 'worker-1')?.metadata.name ?? '';
    expect(world.said(held)).toContain(`TaintManagerEviction: Cancelling deletion of Pod default/${held}`);
  });

  it('tell of a node that never had a kubelet', () => {
    const world = new ControllerWorld();
    world.client.create(node, undefined, { metadata: { name: 'ghost' }, spec: {} });
    world.run(59);
    expect(ready(world, 'ghost')).toBeUndefined();
    world.run(3);
    expect(ready(world, 'ghost')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
    });
    expect(taints(world, 'ghost')).toContain('node.kubernetes.io/unreachable:NoExecute');
  });

  it('believe the heartbeats that a client patches', () => {
    const world = new ControllerWorld();
    world.client.create(node, undefined, { metadata: { name: 'mock' }, spec: {} });
    for (let beat = 0; beat < 8; beat++) {
      const lastHeartbeatTime = `2020-01-01T00:00:0${beat}Z`;
      world.client.patchStatus(node, 'mock', {
        status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime }] },
      });
      world.run(30);
      expect(ready(world, 'mock')?.status).toBe('True');
    }
    world.run(GRACE_SECONDS);
    expect(ready(world, 'mock')?.status).toBe('Unknown');
  });

  it('taint nodes by their other conditions and when they are cordoned', () => {
    const world = new ControllerWorld();
    world.client.patchStatus(node, 'worker-1', {
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'DiskPressure', status: 'True' },
        ],
      },
    });
    world.client.patch(node, 'worker-2', { spec: { unschedulable: true } });
    world.run(1);
    expect(taints(world, 'worker-1')).toEqual(['node.kubernetes.io/disk-pressure:NoSchedule']);
    expect(taints(world, 'worker-2')).toEqual(['node.kubernetes.io/unschedulable:NoSchedule']);
    world.client.patch(node, 'worker-2', { spec: { unschedulable: null } });
    world.run(1);
    expect(taints(world, 'worker-2')).toEqual([]);
  });

  it('evict at once what does not tolerate a taint', () => {
    const world = new ControllerWorld();
    world.client.create(pod, 'default', {
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'a', image: 'i:1' }] },
    });
    world.run(3);
    const nodeName = world.pods()[0]?.spec.nodeName ?? '';
    world.client.patch(node, nodeName, { spec: { taints: [{ key: 'mine', effect: 'NoExecute' }] } });
    world.run(0.5);
    expect(world.pods()[0]?.metadata.deletionTimestamp).toBeDefined();
    expect(world.said('p')).toEqual(['TaintManagerEviction: Marking for deletion Pod default/p']);
  });
});

describe('pod-garbage-collector', () => {
  it('removes the pods of a node that is gone, after a while', () => {
    const world = worldWith(2);
    world.client.delete(node, world.node('worker-1'));
    world.stopKubelet('worker-1');
    world.run(30);
    expect(world.pods().filter(({ spec }) => spec.nodeName === 'worker-1')).toHaveLength(1);
    world.run(20);
    expect(alive(world).map(({ spec }) => spec.nodeName)).toEqual(['worker-2', 'worker-2']);
  });
});
