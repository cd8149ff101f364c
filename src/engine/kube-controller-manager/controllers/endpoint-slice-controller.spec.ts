import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { endpointSlice } from '../../kinds/endpoint-slice.js';
import { node } from '../../kinds/node.js';
import { service } from '../../kinds/service.js';

const ZONE = 'topology.kubernetes.io/zone';
const AUTO = { 'service.kubernetes.io/topology-mode': 'Auto' };

/** Workers of zones, a Service and its pods. */
function worldWith(zones: readonly string[], { replicas, annotations = {}, spec = {} }: Json): ControllerWorld {
  const nodes = zones.map((zone, index) => `${zone}-${index}`);
  const world = new ControllerWorld({ nodes });
  for (const name of nodes) {
    world.client.patch(node, name, { metadata: { labels: { [ZONE]: name.slice(0, 1) } } });
    world.client.patchStatus(node, name, { status: { allocatable: { cpu: '4' } } });
  }
  const ports = [{ name: 'http', port: 80, targetPort: 'http' }];
  const answer = world.harness.request('POST', '/api/v1/namespaces/default/services', {
    metadata: { name: 'web', annotations },
    spec: { clusterIP: 'None', selector: { app: 'web' }, ports, ...spec },
  });
  expect(answer.status).toBe(201);
  world.deploy('web', { replicas });
  world.run(10);
  return world;
}

/** Where each endpoint is, and what it is for. */
const hintsOf = (world: ControllerWorld): string[] =>
  world.client
    .list(endpointSlice, 'default')
    .flatMap(({ endpoints }) => endpoints ?? [])
    .map(({ zone = '-', hints }) => {
      const zones = hints?.forZones?.map(({ name }) => name).join() ?? '';
      const nodes = hints?.forNodes?.map(({ name }) => name).join() ?? '';
      return `${zone}>${zones}${nodes === '' ? '' : `/${nodes}`}`;
    })
    .toSorted();
const annotate = (world: ControllerWorld, annotations: Json): void => {
  world.client.patch(service, 'default/web', { metadata: { annotations } });
  world.run(2);
};

describe('endpointslice-controller', () => {
  it.each([
    ['PreferSameZone', ['a>a', 'b>b']],
    ['PreferClose', ['a>a', 'b>b']],
    ['PreferSameNode', ['a>a/a-0', 'b>b/b-1']],
  ])('hints where the traffic of a Service is to stay: %s', (trafficDistribution, hints) => {
    expect(hintsOf(worldWith(['a', 'b'], { replicas: 2, spec: { trafficDistribution } }))).toEqual(hints);
  });

  it('follows a change of that, and takes the hints away with it', () => {
    const world = worldWith(['a', 'b'], { replicas: 2 });
    expect(hintsOf(world)).toEqual(['a>', 'b>']);
    world.client.patch(service, 'default/web', { spec: { trafficDistribution: 'PreferSameZone' } });
    world.run(2);
    expect(hintsOf(world)).toEqual(['a>a', 'b>b']);
    world.client.patch(service, 'default/web', { spec: { trafficDistribution: null } });
    world.run(2);
    expect(hintsOf(world)).toEqual(['a>', 'b>']);
  });

  it('deals endpoints over the zones, and says when it begins and ends that', () => {
    const world = worldWith(['a', 'b'], { replicas: 4, annotations: AUTO });
    expect(hintsOf(world)).toEqual(['a>a', 'a>a', 'b>b', 'b>b']);
    expect(world.said('web')).toContain(
      'TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4',
    );
    annotate(world, { 'service.kubernetes.io/topology-mode': null });
    expect(hintsOf(world)).toEqual(['a>', 'a>', 'b>', 'b>']);
    expect(world.said('web').at(-1)).toBe(
      'TopologyAwareHintsDisabled: Topology Aware Hints has been disabled, addressType: IPv4',
    );
  });

  it('says why it cannot', () => {
    const world = worldWith(['a', 'b', 'c'], { replicas: 2, annotations: AUTO });
    expect(hintsOf(world).every((each) => each.endsWith('>'))).toBe(true);
    expect(world.said('web')).toContain(
      'TopologyAwareHintsDisabled: Insufficient number of endpoints (2 endpoints, 3 zones), addressType: IPv4',
    );
    world.patchDeployment('web', { replicas: 6 });
    world.run(10);
    expect(hintsOf(world)).toEqual(['a>a', 'a>a', 'b>b', 'b>b', 'c>c', 'c>c']);
  });

  it('deals them anew when a zone gets more processors, and not for any other change of a node', () => {
    const world = worldWith(['a', 'b'], { replicas: 6, annotations: AUTO });
    const versions = (): (string | undefined)[] =>
      world.client.list(endpointSlice, 'default').map(({ metadata }) => metadata.resourceVersion);
    const before = versions();
    world.client.patch(node, 'a-0', { metadata: { annotations: { note: 'x' } } });
    world.run(2);
    expect(versions()).toEqual(before);
    world.client.patchStatus(node, 'a-0', { status: { allocatable: { cpu: '8' } } });
    world.run(2);
    expect(hintsOf(world).filter((each) => each.endsWith('>a'))).toHaveLength(4);
  });
});
