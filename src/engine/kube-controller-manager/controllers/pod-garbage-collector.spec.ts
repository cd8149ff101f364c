import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';

/** Upstream's time between missing a node and giving its pods up. */
const QUARANTINE = 40;

/** A pod on a node, whose object a finalizer keeps. */
function worldWith(): ControllerWorld {
  const world = new ControllerWorld({ nodes: ['worker-1', 'worker-2'] });
  const containers = [{ name: 'app', image: 'registry.example/app:1' }];
  world.client.create(pod, 'default', {
    metadata: { name: 'p', finalizers: ['example.com/see'] },
    spec: { nodeName: 'worker-1', containers },
  });
  world.run(3);
  return world;
}

function removeNode(world: ControllerWorld): void {
  world.client.delete(node, world.node('worker-1'));
  world.stopKubelet('worker-1');
}

const podOf = (world: ControllerWorld): Json => world.client.get(pod, 'default/p');
const disruptionOf = (world: ControllerWorld): Json =>
  podOf(world).status.conditions?.find(({ type }: Json) => type === 'DisruptionTarget');

describe('pod-garbage-collector', () => {
  it.each([
    ['Running', 'Failed', { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists', status: 'True' }],
    ['Pending', 'Failed', { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists', status: 'True' }],
    ['Succeeded', 'Succeeded', undefined],
    ['Failed', 'Failed', undefined],
  ])('deletes a pod that is %s on a node that is gone as %s', (phase, finalPhase, condition) => {
    const world = worldWith();
    world.client.patchStatus(pod, 'default/p', { status: { phase } });
    removeNode(world);
    world.run(QUARANTINE - 1);
    expect(podOf(world).metadata.deletionTimestamp).toBeUndefined();
    world.run(2);
    expect(podOf(world).metadata).toMatchObject({
      deletionTimestamp: expect.any(String),
      deletionGracePeriodSeconds: 0,
    });
    expect(podOf(world).status.phase).toBe(finalPhase);
    if (condition === undefined) expect(disruptionOf(world)).toBeUndefined();
    else expect(disruptionOf(world)).toMatchObject(condition);
  });

  it('leaves pods alone whose node comes back in time', () => {
    const world = worldWith();
    removeNode(world);
    world.run(QUARANTINE - 10);
    world.addNode('worker-1');
    world.run(QUARANTINE);
    expect(podOf(world).metadata.deletionTimestamp).toBeUndefined();
  });

  it('deletes pods that are bound to a node that never was', () => {
    const world = worldWith();
    const containers = [{ name: 'app', image: 'registry.example/app:1' }];
    world.client.create(pod, 'default', { metadata: { name: 'lost' }, spec: { nodeName: 'nowhere', containers } });
    world.run(QUARANTINE - 1);
    expect(world.client.get(pod, 'default/lost')).toBeDefined();
    world.run(2);
    expect(world.client.get(pod, 'default/lost')).toBeUndefined();
  });
});
