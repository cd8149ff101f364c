import type { ControllerWorld } from './controller-world.js';
import type { Json } from './engine-harness.js';

const FLEETS = '/apis/example.com/v1/namespaces/default/fleets';

/** Has the cluster serve Fleets, a kind of its own that can be scaled. */
export function serveFleets(world: ControllerWorld): void {
  const counted = { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: counted, status: counted } } };
  const scale = {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  };
  const version = { name: 'v1', served: true, storage: true, schema, subresources: { status: {}, scale } };
  const answer = world.harness.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'fleets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'fleets', singular: 'fleet', kind: 'Fleet', listKind: 'FleetList' },
      versions: [version],
    },
  });
  expect(answer.status).toBe(201);
  world.run(5);
}

export function createFleet(world: ControllerWorld, name: string, replicas: number): Json {
  const answer = world.harness.request('POST', FLEETS, {
    apiVersion: 'example.com/v1',
    kind: 'Fleet',
    metadata: { name },
    spec: { replicas },
  });
  expect(answer.status).toBe(201);
  return answer.json;
}

export const fleetOf = (world: ControllerWorld, name: string): Json =>
  world.harness.request('GET', `${FLEETS}/${name}`).json;
