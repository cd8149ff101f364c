import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';

const MARKED = 'TaintManagerEviction: Marking for deletion Pod default/p';
const CANCELLED = 'TaintManagerEviction: Cancelling deletion of Pod default/p';
const OUTAGE = { key: 'outage', value: 'planned', effect: 'NoExecute' };
const MINE = { key: 'mine', effect: 'NoExecute' };

/** A pod with these tolerations, running on the only node. */
function worldWith(tolerations: readonly Json[]): ControllerWorld {
  const world = new ControllerWorld({ nodes: ['worker-1'] });
  const containers = [{ name: 'app', image: 'registry.example/app:1' }];
  world.client.create(pod, 'default', {
    metadata: { name: 'p', finalizers: ['example.com/see'] },
    spec: { containers, tolerations },
  });
  world.run(3);
  return world;
}

const taint = (world: ControllerWorld, taints: readonly Json[]): void => {
  world.client.patch(node, 'worker-1', { spec: { taints: taints.length === 0 ? null : taints } });
  world.run(0.5);
};
const podOf = (world: ControllerWorld): Json => world.client.get(pod, 'default/p');
const isLeaving = (world: ControllerWorld): boolean => podOf(world).metadata.deletionTimestamp !== undefined;

describe('taint-eviction-controller', () => {
  it.each([
    ['no toleration', [], [OUTAGE], 0],
    ['a toleration of another key', [{ key: 'other', operator: 'Exists' }], [OUTAGE], 0],
    ['a toleration of another value', [{ key: 'outage', value: 'sudden' }], [OUTAGE], 0],
    ['a toleration of another effect', [{ key: 'outage', operator: 'Exists', effect: 'NoSchedule' }], [OUTAGE], 0],
    ['a toleration of one of two taints', [{ key: 'outage', operator: 'Exists' }], [OUTAGE, MINE], 0],
    [
      'a toleration for a while',
      [{ key: 'outage', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }],
      [OUTAGE],
      30,
    ],
    [
      'the shorter of two tolerations that are used',
      [
        { key: 'outage', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 90 },
        { key: 'mine', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 20 },
      ],
      [OUTAGE, MINE],
      20,
    ],
    [
      'a toleration for ever beside one for a while',
      [
        { key: 'outage', operator: 'Exists' },
        { key: 'mine', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 20 },
      ],
      [OUTAGE, MINE],
      20,
    ],
    ['no time at all', [{ key: 'outage', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 }], [OUTAGE], 0],
  ])('evicts a pod that has %s', (_name, tolerations, taints, seconds) => {
    const world = worldWith(tolerations);
    taint(world, taints);
    if (seconds > 0) {
      world.run(seconds - 1);
      expect(isLeaving(world)).toBe(false);
      expect(world.said('p')).toEqual([]);
      world.run(1);
    }
    expect(isLeaving(world)).toBe(true);
    expect(world.said('p')).toEqual([MARKED]);
    expect(podOf(world).status.conditions.find(({ type }: Json) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    });
  });

  it.each([
    ['tolerates the taint', [{ key: 'outage', operator: 'Exists' }], [OUTAGE]],
    ['tolerates its very value', [{ key: 'outage', value: 'planned', effect: 'NoExecute' }], [OUTAGE]],
    ['tolerates everything', [{ operator: 'Exists' }], [OUTAGE, MINE]],
    ['is on a node that only new pods avoid', [], [{ key: 'outage', effect: 'NoSchedule' }]],
  ])('leaves a pod alone that %s', (_name, tolerations, taints) => {
    const world = worldWith(tolerations);
    taint(world, taints);
    world.run(600);
    expect(isLeaving(world)).toBe(false);
    expect(world.said('p')).toEqual([]);
  });

  it('calls an eviction off when the taint goes in time, and counts anew when it comes back', () => {
    const world = worldWith([{ key: 'outage', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }]);
    taint(world, [OUTAGE]);
    world.run(50);
    taint(world, []);
    expect(world.said('p')).toEqual([CANCELLED]);
    world.run(60);
    expect(isLeaving(world)).toBe(false);
    taint(world, [OUTAGE]);
    world.run(58);
    expect(isLeaving(world)).toBe(false);
    world.run(3);
    expect(isLeaving(world)).toBe(true);
    expect(world.said('p')).toEqual([CANCELLED, MARKED]);
  });

  it('evicts a pod that comes to a tainted node', () => {
    const world = new ControllerWorld({ nodes: ['worker-1'] });
    taint(world, [OUTAGE]);
    const containers = [{ name: 'app', image: 'registry.example/app:1' }];
    const tolerations = [{ key: 'outage', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 10 }];
    world.client.create(pod, 'default', {
      metadata: { name: 'p', finalizers: ['example.com/see'] },
      spec: { nodeName: 'worker-1', containers, tolerations },
    });
    world.run(9);
    expect(isLeaving(world)).toBe(false);
    world.run(2);
    expect(world.said('p')).toEqual([MARKED]);
  });
});
