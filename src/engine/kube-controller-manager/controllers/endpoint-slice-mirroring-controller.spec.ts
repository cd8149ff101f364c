import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { endpointSlice } from '../../kinds/endpoint-slice.js';

const CORE = '/api/v1/namespaces/default';
const MERGE = { 'content-type': 'application/merge-patch+json' };

function worldWith(subsets: Json, service: Json = {}): ControllerWorld {
  const world = new ControllerWorld();
  const spec = { clusterIP: 'None', ports: [{ name: 'a', port: 80 }], ...service };
  world.harness.request('POST', `${CORE}/services`, { metadata: { name: 'api' }, spec });
  const metadata = { name: 'api', labels: { l: '1' }, annotations: { a: '1' } };
  world.harness.request('POST', `${CORE}/endpoints`, { metadata, subsets });
  world.run(1);
  return world;
}

const slices = (world: ControllerWorld): readonly Json[] =>
  world.client
    .list(endpointSlice, 'default')
    .filter(({ metadata }) =>
      metadata.labels?.['endpointslice.kubernetes.io/managed-by']?.startsWith('endpointslicemirroring'),
    );

describe('endpointslice-mirroring-controller', () => {
  it('shows Endpoints that are kept by hand as slices', () => {
    const ports = [{ name: 'a', port: 80, appProtocol: 'http' }];
    const addresses = [{ ip: '192.0.2.1', hostname: 'h' }, { ip: '2001:db8::1' }];
    const world = worldWith([{ addresses, notReadyAddresses: [{ ip: '192.0.2.3' }], ports }]);
    const [four, six] = slices(world).toSorted((a, b) => (a.addressType < b.addressType ? -1 : 1));
    expect(four).toMatchObject({
      metadata: {
        generateName: 'api-',
        labels: { l: '1', 'kubernetes.io/service-name': 'api' },
        annotations: { a: '1' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name: 'api', controller: true }],
      },
      endpoints: [
        { addresses: ['192.0.2.1'], conditions: { ready: true }, hostname: 'h' },
        { addresses: ['192.0.2.3'], conditions: { ready: false } },
      ],
      ports: [{ name: 'a', protocol: 'TCP', port: 80, appProtocol: 'http' }],
    });
    expect(six.endpoints).toEqual([{ addresses: ['2001:db8::1'], conditions: { ready: true } }]);
    expect(world.errors).toEqual([]);
  });

  it('writes a slice anew when ports change, and lets it go with the Endpoints', () => {
    const world = worldWith([{ addresses: [{ ip: '192.0.2.1' }], ports: [{ name: 'a', port: 80 }] }]);
    const [before] = slices(world);
    const subsets = [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ name: 'a', port: 81 }] }];
    world.harness.request('PATCH', `${CORE}/endpoints/api`, { subsets }, MERGE);
    world.run(1);
    expect(slices(world)).toMatchObject([
      { metadata: { uid: before.metadata.uid, generation: 2 }, ports: [{ port: 81 }] },
    ]);
    world.harness.request('DELETE', `${CORE}/endpoints/api`);
    world.run(1);
    expect(slices(world)).toEqual([]);
  });

  it.each([
    ['a selector', {}, { selector: { app: 'api' } }],
    ['the label that says so', { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }, {}],
  ])('leaves Endpoints alone with %s', (_, metadata, service) => {
    const world = worldWith([{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }], service);
    world.harness.request('PATCH', `${CORE}/endpoints/api`, { metadata }, MERGE);
    world.run(1);
    expect(slices(world)).toEqual([]);
  });
});
