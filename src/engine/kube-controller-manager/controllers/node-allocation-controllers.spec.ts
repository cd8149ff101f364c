import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { node } from '../../kinds/node.js';

const ttlOf = (world: ControllerWorld, name: string): string | undefined =>
  world.client.get(node, name)?.metadata.annotations?.['node.alpha.kubernetes.io/ttl'];

describe('node-ipam-controller', () => {
  it('gives every node a range that no other one touches', () => {
    const world = new ControllerWorld();
    const rangeOf = (name: string): string | undefined => world.client.get(node, name)?.spec.podCIDR;
    expect(['worker-1', 'worker-2'].map(rangeOf)).toEqual(['10.128.0.0/24', '10.128.1.0/24']);
    expect(world.client.get(node, 'worker-2')?.spec.podCIDRs).toEqual(['10.128.1.0/24']);
    const spec = { podCIDR: '10.128.2.0/23', podCIDRs: ['10.128.2.0/23'] };
    world.client.create(node, undefined, { metadata: { name: 'own' }, spec });
    world.addNode('worker-3');
    world.run(1);
    expect(rangeOf('own')).toBe('10.128.2.0/23');
    expect(rangeOf('worker-3')).toBe('10.128.4.0/24');
    expect(world.errors).toEqual([]);
  });
});

describe('ttl-controller', () => {
  it('lets kubelets keep things longer in larger clusters', () => {
    const world = new ControllerWorld();
    expect(ttlOf(world, 'worker-1')).toBe('0');
    for (let count = 3; count <= 101; count++) world.addNode(`worker-${count}`);
    world.run(2);
    expect(ttlOf(world, 'worker-1')).toBe('15');
    expect(ttlOf(world, 'worker-101')).toBe('15');
    for (let count = 101; count >= 95; count--) world.client.delete(node, world.client.get(node, `worker-${count}`)!);
    world.run(2);
    expect(ttlOf(world, 'worker-1')).toBe('15');
    for (let count = 94; count >= 85; count--) world.client.delete(node, world.client.get(node, `worker-${count}`)!);
    world.run(2);
    expect(ttlOf(world, 'worker-1')).toBe('0');
  });
});
