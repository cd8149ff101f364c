import { createApiHarness, type Json } from '../../../../test/support/engine-harness.js';

const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MERGE = { 'content-type': 'application/merge-patch+json' };

const schema = { openAPIV3Schema: { type: 'object' } };
const version = (name: string, served = true, storage = false): object => ({ name, served, storage, schema });

function clusterWith(plurals: readonly string[] = ['widgets']) {
  const harness = createApiHarness();
  const { request, loop } = harness;
  const run = (): void => void loop.run(loop.now, () => true);
  for (const plural of plurals) {
    const names = { plural, singular: plural.slice(0, -1), kind: `K${plural}`, listKind: `K${plural}List` };
    const versions = [version('v1', true, true), version('v1beta1'), version('v2', false)];
    const spec = { group: 'example.com', scope: 'Namespaced', names, versions };
    expect(request('POST', DEFINITIONS, { metadata: { name: `${plural}.example.com` }, spec }).status).toBe(201);
  }
  run();
  const registered = (): readonly string[] =>
    request('GET', SERVICES).json.items.map(({ metadata }: Json) => metadata.name);
  return { request, run, registered };
}

describe('the APIServices of custom resources', () => {
  it('are there for each version that is served', () => {
    const { request, registered } = clusterWith();
    expect(registered()).toEqual(['v1.example.com', 'v1beta1.example.com']);
    const { metadata, spec, status } = request('GET', `${SERVICES}/v1.example.com`).json;
    expect(metadata.labels).toEqual({ 'kube-aggregator.kubernetes.io/automanaged': 'true' });
    expect(spec).toEqual({ group: 'example.com', version: 'v1', groupPriorityMinimum: 1_000, versionPriority: 100 });
    expect(status.conditions[0]).toMatchObject({ type: 'Available', status: 'True', reason: 'Local' });
  });

  it('follow the versions, and go with the last definition that serves them', () => {
    const { request, run, registered } = clusterWith(['widgets', 'gadgets']);
    const versions = [version('v1', true, true), version('v1beta1', false), version('v2', true)];
    request('PATCH', `${DEFINITIONS}/widgets.example.com`, { spec: { versions } }, MERGE);
    run();
    expect(registered()).toEqual(['v1.example.com', 'v1beta1.example.com', 'v2.example.com']);
    request('DELETE', `${DEFINITIONS}/gadgets.example.com`);
    run();
    expect(registered()).toEqual(['v1.example.com', 'v2.example.com']);
    request('DELETE', `${DEFINITIONS}/widgets.example.com`);
    run();
    expect(registered()).toEqual([]);
  });

  it('come back when they are changed or deleted, unless somebody takes them over', () => {
    const { request, run, registered } = clusterWith();
    request('DELETE', `${SERVICES}/v1.example.com`);
    request('PATCH', `${SERVICES}/v1beta1.example.com`, { spec: { versionPriority: 5 } }, MERGE);
    run();
    expect(registered()).toEqual(['v1.example.com', 'v1beta1.example.com']);
    const priority = (): number => request('GET', `${SERVICES}/v1beta1.example.com`).json.spec.versionPriority;
    expect(priority()).toBe(100);
    const labels = { 'kube-aggregator.kubernetes.io/automanaged': null };
    request('PATCH', `${SERVICES}/v1beta1.example.com`, { metadata: { labels }, spec: { versionPriority: 5 } }, MERGE);
    run();
    expect(priority()).toBe(5);
    request('DELETE', `${DEFINITIONS}/widgets.example.com`);
    run();
    expect(registered()).toEqual(['v1beta1.example.com']);
  });
});
