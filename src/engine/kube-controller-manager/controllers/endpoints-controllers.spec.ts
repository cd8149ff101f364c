import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { endpointSlice } from '../../kinds/endpoint-slice.js';
import { endpoints } from '../../kinds/endpoints.js';
import { pod } from '../../kinds/pod.js';
import { service } from '../../kinds/service.js';
import type { Service } from '../../machinery/api/core-v1.js';

function worldWith(replicas: number, spec: object = {}) {
  const world = new ControllerWorld();
  const answer = world.harness.request('POST', '/api/v1/namespaces/default/services', {
    metadata: { name: 'web', labels: { of: 'web' } },
    spec: {
      clusterIP: 'None',
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, targetPort: 'http' }],
      ...spec,
    },
  });
  expect(answer.text).toContain('"web"');
  expect(answer.status).toBe(201);
  world.run(1);
  if (replicas > 0) world.deploy('web', { replicas });
  world.run(10);
  return world;
}

const slicesOf = (world: ControllerWorld) => world.client.list(endpointSlice, 'default');
const endpointsOf = (world: ControllerWorld) => world.client.get(endpoints, 'default/web');
const changeService = (world: ControllerWorld, spec: Partial<Service['spec']>) => {
  world.client.patch(service, 'default/web', { spec });
  world.run(2);
};

describe('endpoints and endpoint slices', () => {
  it('are empty for a Service that selects nothing yet', () => {
    const world = worldWith(0);
    expect(slicesOf(world)).toHaveLength(1);
    expect(slicesOf(world)[0]).toMatchObject({
      addressType: 'IPv4',
      metadata: {
        generateName: 'web-',
        labels: {
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          'kubernetes.io/service-name': 'web',
          'service.kubernetes.io/headless': '',
          of: 'web',
        },
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Service', name: 'web', controller: true, blockOwnerDeletion: true },
        ],
      },
    });
    expect(slicesOf(world)[0]?.endpoints ?? null).toBeNull();
    expect(endpointsOf(world)?.subsets).toBeUndefined();
    expect(endpointsOf(world)?.metadata.labels).toEqual({
      'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
      'service.kubernetes.io/headless': '',
      of: 'web',
    });
  });

  it('hold the ready pods of a Service with their named port', () => {
    const world = worldWith(2);
    const [slice, ...others] = slicesOf(world);
    expect(others).toEqual([]);
    expect(slice?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    expect(slice?.endpoints).toHaveLength(2);
    const [first] = world.pods();
    expect(slice?.endpoints?.find(({ targetRef }) => targetRef?.name === first?.metadata.name)).toEqual({
      addresses: [first?.status?.podIP],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: first?.spec.nodeName,
      targetRef: { kind: 'Pod', namespace: 'default', name: first?.metadata.name, uid: first?.metadata.uid },
    });
    expect(endpointsOf(world)?.subsets).toMatchObject([
      {
        addresses: [{ ip: '10.244.0.1' }, { ip: '10.244.0.2' }],
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ]);
  });

  it('show pods that are not ready as such, and terminating ones only in slices', () => {
    const world = worldWith(2);
    const [first, second] = world.pods();
    world.client.patchStatus(pod, `default/${first!.metadata.name}`, {
      status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
    });
    world.client.delete(pod, second!);
    world.run(0.9);
    const of = (name: string) =>
      slicesOf(world)[0]?.endpoints?.find(({ targetRef }) => targetRef?.name === name)?.conditions;
    expect(of(first!.metadata.name)).toEqual({ ready: false, serving: false, terminating: false });
    expect(of(second!.metadata.name)).toEqual({ ready: false, serving: true, terminating: true });
    expect(endpointsOf(world)?.subsets?.[0]?.notReadyAddresses).toMatchObject([{ ip: first!.status?.podIP }]);
    changeService(world, { publishNotReadyAddresses: true });
    expect(of(first!.metadata.name)?.ready).toBe(true);
  });

  it('follow the selector', () => {
    const world = worldWith(1);
    changeService(world, { selector: { app: 'other' } });
    expect(slicesOf(world)).toHaveLength(1);
    expect(slicesOf(world)[0]?.endpoints ?? null).toBeNull();
    expect(endpointsOf(world)?.subsets).toBeUndefined();
    changeService(world, { selector: { app: 'web' } });
    expect(slicesOf(world)[0]?.endpoints).toHaveLength(1);
  });

  it('come back when somebody deletes them', () => {
    const world = worldWith(1);
    world.client.delete(endpoints, endpointsOf(world)!);
    world.client.delete(endpointSlice, slicesOf(world)[0]!);
    world.run(1);
    expect(endpointsOf(world)?.subsets).toHaveLength(1);
    expect(slicesOf(world)[0]?.endpoints).toHaveLength(1);
  });

  it('are undone when somebody changes a slice', () => {
    const world = worldWith(1);
    world.client.update(endpointSlice, { ...slicesOf(world)[0]!, endpoints: [] });
    world.run(1);
    expect(slicesOf(world)[0]?.endpoints).toHaveLength(1);
  });

  it('go with their Service', () => {
    const world = worldWith(1);
    world.client.delete(service, world.client.get(service, 'default/web')!);
    world.run(1);
    expect(endpointsOf(world)).toBeUndefined();
    expect(slicesOf(world)).toEqual([]);
  });

  it('hold at most a hundred endpoints a slice', () => {
    const world = worldWith(230);
    world.run(5);
    const lengths = slicesOf(world).map(({ endpoints: each }) => each?.length ?? 0);
    expect(lengths.reduce((sum, each) => sum + each, 0)).toBe(230);
    expect(Math.max(...lengths)).toBe(100);
    expect(lengths.length).toBeLessThanOrEqual(4);
    expect(endpointsOf(world)?.subsets?.[0]?.addresses).toHaveLength(230);
  });

  it('write nothing when a change of a pod is none of theirs', () => {
    const world = worldWith(2);
    const versions = () => slicesOf(world).map(({ metadata }) => metadata.resourceVersion);
    const before = versions();
    world.client.patch(pod, `default/${world.pods()[0]!.metadata.name}`, { metadata: { annotations: { a: 'b' } } });
    world.run(2);
    expect(versions()).toEqual(before);
  });
});
