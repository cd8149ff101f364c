import { createApiHarness, textCodec, type Json } from '../../../../test/support/engine-harness.js';
import { seconds } from '../../kernel/clock.js';
import type { OutsideResult, OutsideWorld, WebhookRequest } from '../outside/outside-effect.js';

const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const GROUP = '/apis/metrics.example.com';
const LIST = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'metrics.example.com/v1',
  resources: [
    { name: 'loads', singularName: 'load', namespaced: true, kind: 'Load', verbs: ['get', 'list'], shortNames: ['ld'] },
    { name: 'loads/status', singularName: '', namespaced: true, kind: 'Load', verbs: ['get'] },
  ],
};
const AGGREGATED = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' };

/** A cluster with an APIService; `mapped`: whose Service stands for a server outside, which is a function. */
function clusterWith({ isMapped = true } = {}) {
  const asked: WebhookRequest[] = [];
  const state: { answer: (request: WebhookRequest) => OutsideResult } = {
    answer: ({ url }) => ({
      status: 200,
      headers: { 'content-type': 'application/json', 'x-remote-user': 'forged', connection: 'close' },
      body: textCodec.encode(JSON.stringify(url.endsWith('/v1') ? LIST : { url })),
    }),
  };
  const outside: OutsideWorld = {
    serviceUrl: (service) => (isMapped && service === 'ops/metrics' ? 'https://127.0.0.1:9/' : undefined),
    perform({ id, payload }) {
      asked.push(payload);
      harness.server.outside.settle(id, state.answer(payload));
    },
  };
  const harness = createApiHarness({ outside });
  const { request, loop } = harness;
  const run = (after = 0): void => void loop.run((loop.now + seconds(after)) as typeof loop.now, () => true);
  const spec = {
    group: 'metrics.example.com',
    version: 'v1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
    service: { namespace: 'ops', name: 'metrics' },
  };
  expect(request('POST', SERVICES, { metadata: { name: 'v1.metrics.example.com' }, spec }).status).toBe(201);
  run();
  const condition = (): Json => request('GET', `${SERVICES}/v1.metrics.example.com`).json.status.conditions[0];
  const told = (): readonly string[] => [condition().status, condition().reason, condition().message];
  return { ...harness, asked, state, run, condition, told };
}

describe('an APIService of a server outside', () => {
  it('is available once the server answers, and asked again and again', () => {
    const { told, asked, state, run, condition } = clusterWith();
    expect(told()).toEqual(['True', 'Passed', 'all checks passed']);
    expect(asked[0]).toMatchObject({ method: 'GET', url: 'https://127.0.0.1:9/apis/metrics.example.com/v1' });
    const since = condition().lastTransitionTime;
    state.answer = () => ({ fault: 'dial tcp 127.0.0.1:9: connect: connection refused' });
    run(31);
    const url = 'https://127.0.0.1:9/apis/metrics.example.com/v1';
    expect(told()).toEqual([
      'False',
      'FailedDiscoveryCheck',
      `failing or missing response from ${url}: Get "${url}": dial tcp 127.0.0.1:9: connect: connection refused`,
    ]);
    expect(condition().lastTransitionTime).not.toBe(since);
    state.answer = () => ({ status: 404, body: new Uint8Array() });
    run(31);
    expect(told()[2]).toBe(`failing or missing response from ${url}: bad status from ${url}: 404`);
  });

  it('has its requests sent on, in the name of whoever asks', () => {
    const { request, asked } = clusterWith();
    const headers = {
      authorization: 'Bearer x',
      'x-remote-user': 'somebody',
      'content-type': 'application/json',
      'impersonate-user': 'jane',
      'impersonate-group': 'system:masters',
      'impersonate-extra-example.com%2froles': 'viewer',
    };
    const {
      status,
      json,
      headers: given,
    } = request('POST', `${GROUP}/v1/namespaces/a/loads?dryRun=All`, { a: 1 }, headers);
    expect([status, json.url]).toEqual([
      200,
      'https://127.0.0.1:9/apis/metrics.example.com/v1/namespaces/a/loads?dryRun=All',
    ]);
    expect(given).toEqual({ 'content-type': 'application/json' });
    const { method, headers: sent, body, serverName } = asked.at(-1)!;
    expect([method, textCodec.decode(body), serverName]).toEqual(['POST', '{"a":1}', 'metrics.ops.svc']);
    expect(sent).toEqual({
      'content-type': 'application/json',
      'x-remote-user': 'jane',
      'x-remote-group': ['system:masters', 'system:authenticated'],
      'x-remote-extra-example.com%2Froles': ['viewer'],
    });
  });

  it('is refused who may not', () => {
    const { request, asked } = clusterWith();
    const before = asked.length;
    expect(request('GET', `${GROUP}/v1/loads`, undefined, { 'impersonate-user': 'jane' }).status).toBe(403);
    expect(asked).toHaveLength(before);
  });

  it('stands in discovery', () => {
    const { request, state, run } = clusterWith();
    const version = { groupVersion: 'metrics.example.com/v1', version: 'v1' };
    const group = { name: 'metrics.example.com', versions: [version], preferredVersion: version };
    expect(request('GET', '/apis').json.groups.at(-1)).toEqual(group);
    expect(request('GET', GROUP).json).toEqual({ kind: 'APIGroup', apiVersion: 'v1', ...group });
    expect(request('GET', `${GROUP}/v1`).json).toEqual(LIST);
    const aggregated = (): Json => request('GET', '/apis', undefined, AGGREGATED).json.items.at(-1);
    const responseKind = { group: 'metrics.example.com', version: 'v1', kind: 'Load' };
    const load = { resource: 'loads', responseKind, scope: 'Namespaced', singularResource: 'load' };
    const subresources = [{ subresource: 'status', responseKind, verbs: ['get'] }];
    const resources = [{ ...load, verbs: ['get', 'list'], shortNames: ['ld'], subresources }];
    expect(aggregated()).toEqual({
      metadata: { name: 'metrics.example.com' },
      versions: [{ version: 'v1', resources, freshness: 'Current' }],
    });
    state.answer = () => ({ fault: 'EOF' });
    run(31);
    expect(aggregated().versions[0]).toEqual({ version: 'v1', resources, freshness: 'Stale' });
  });

  it('is forgotten when it goes', () => {
    const { request, run } = clusterWith();
    request('DELETE', `${SERVICES}/v1.metrics.example.com`);
    run(31);
    expect(request('GET', `${GROUP}/v1`).text).toBe('404 page not found\n');
    expect(request('GET', GROUP).text).toBe('404 page not found\n');
    expect(request('GET', '/apis').json.groups.map(({ name }: Json) => name)).not.toContain('metrics.example.com');
  });
});

describe('an APIService of a Service in the cluster', () => {
  it('is told what is wrong with it, and its requests are refused', () => {
    const { request, told, run } = clusterWith({ isMapped: false });
    expect(told()).toEqual(['False', 'ServiceNotFound', 'service/metrics in "ops" is not present']);
    const { status, text } = request('GET', `${GROUP}/v1/loads`);
    expect([status, text]).toEqual([503, 'service unavailable\n']);
    request('POST', '/api/v1/namespaces', { metadata: { name: 'ops' } });
    const service = { metadata: { name: 'metrics' }, spec: { clusterIP: 'None', ports: [{ name: 'web', port: 80 }] } };
    expect(request('POST', '/api/v1/namespaces/ops/services', service).status).toBe(201);
    run();
    expect(told()).toEqual(['False', 'ServicePortError', 'service/metrics in "ops" is not listening on port 443']);
    const ports = { spec: { ports: [{ name: 'web', port: 443 }] } };
    request('PATCH', '/api/v1/namespaces/ops/services/metrics', ports, {
      'content-type': 'application/merge-patch+json',
    });
    run();
    expect(told().slice(1)).toEqual(['EndpointsNotFound', 'cannot find endpointslices for service/metrics in "ops"']);
    const slice = {
      metadata: { name: 'metrics', labels: { 'kubernetes.io/service-name': 'metrics' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: false } }],
      ports: [{ name: 'web', port: 8443 }],
    };
    const slices = '/apis/discovery.k8s.io/v1/namespaces/ops/endpointslices';
    request('POST', slices, slice);
    run();
    expect(told().slice(1)).toEqual([
      'MissingEndpoints',
      'endpointslices for service/metrics in "ops" have no addresses with port name "web"',
    ]);
    request('PUT', `${slices}/metrics`, { ...slice, endpoints: [{ addresses: ['10.0.0.1'] }] });
    run();
    expect(told().slice(1)).toEqual(['FailedDiscoveryCheck', 'cannot route to service with ClusterIP "None"']);
  });
});
