import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { ipAddress } from '../../kinds/ip-address.js';
import { serviceCIDR } from '../../kinds/service-cidr.js';

const RANGES = '/apis/networking.k8s.io/v1/servicecidrs';

const add = (world: ControllerWorld, name: string, cidr: string): void =>
  void world.harness.request('POST', RANGES, { metadata: { name }, spec: { cidrs: [cidr] } });
const readyOf = (world: ControllerWorld, name: string): Json => {
  const condition = world.client.get(serviceCIDR, name)?.status?.conditions?.[0];
  return condition === undefined ? undefined : `${condition.status} ${condition.reason}: ${condition.message}`;
};

describe('service-cidr-controller', () => {
  it('makes a range ready and keeps it while addresses need it', () => {
    const world = new ControllerWorld();
    add(world, 'first', '10.96.0.0/24');
    world.run(1);
    expect(readyOf(world, 'first')).toBe('True : Kubernetes Service CIDR is ready');
    expect(world.client.get(serviceCIDR, 'first')?.metadata.finalizers).toEqual([
      'networking.k8s.io/service-cidr-finalizer',
    ]);
    world.client.create(ipAddress, undefined, {
      metadata: {
        name: '10.96.0.7',
        labels: {
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
          'ipaddress.kubernetes.io/ip-family': 'IPv4',
        },
      },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
    });
    world.harness.request('DELETE', `${RANGES}/first`);
    world.run(30);
    expect(readyOf(world, 'first')).toBe(
      'False Terminating: There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
    );
    world.client.delete(ipAddress, world.client.get(ipAddress, '10.96.0.7')!);
    world.run(1);
    expect(world.client.get(serviceCIDR, 'first')).toBeUndefined();
  });

  it('lets a range go that lies in another one, after a while', () => {
    const world = new ControllerWorld();
    add(world, 'small', '10.96.0.0/24');
    world.run(1);
    world.client.create(ipAddress, undefined, {
      metadata: {
        name: '10.96.0.7',
        labels: {
          'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
          'ipaddress.kubernetes.io/ip-family': 'IPv4',
        },
      },
      spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
    });
    world.harness.request('DELETE', `${RANGES}/small`);
    world.run(1);
    add(world, 'large', '10.96.0.0/16');
    world.run(5);
    expect(world.client.get(serviceCIDR, 'small')).toBeDefined();
    world.run(10);
    expect(world.client.get(serviceCIDR, 'small')).toBeUndefined();
  });
});
