import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';

function worldWith(nodeName?: string): ControllerWorld {
  const world = new ControllerWorld();
  world.client.create(pod, 'default', {
    metadata: { name: 'stuck', finalizers: ['example.com/see'] },
    spec: {
      containers: [{ name: 'app', image: 'registry.example/app:1' }],
      ...(nodeName === undefined ? { schedulingGates: [{ name: 'example.com/wait' }] } : { nodeName }),
    },
  });
  return world;
}

const phaseOf = (world: ControllerWorld): string | undefined => world.client.get(pod, 'default/stuck')?.status?.phase;

describe('finished-pod-collector', () => {
  it('fails pods on their way out that no node has', () => {
    const world = worldWith();
    world.client.delete(pod, world.client.get(pod, 'default/stuck')!);
    world.run(19);
    expect(phaseOf(world)).toBe('Pending');
    world.run(2);
    expect(phaseOf(world)).toBe('Failed');
  });

  it('ends pods on their way out of a node that is out of service', () => {
    const world = worldWith('worker-1');
    world.run(3);
    world.stopKubelet('worker-1');
    world.client.delete(pod, world.client.get(pod, 'default/stuck')!);
    world.run(60);
    expect(phaseOf(world)).toBe('Running');
    const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }];
    world.client.patch(node, 'worker-1', { spec: { taints } });
    world.run(1);
    expect(phaseOf(world)).toBe('Failed');
  });
});
