import { createApiHarness, textCodec, type Json } from '../../../../test/support/engine-harness.js';
import { seconds } from '../../kernel/clock.js';
import type { OutsideResult, OutsideWorld, WebhookRequest } from '../outside/outside-effect.js';
import type { SimulatedApi } from './simulated-api.port.js';
import type { ForwardedRequest } from './forwarded-request.js';

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
  const forwarded: ForwardedRequest[] = [];
  const state: { answer: (request: WebhookRequest) => OutsideResult } = {
    answer: ({ url }) => (url.endsWith('/v1') ? answerOf(LIST) : { status: 404, body: new Uint8Array() }),
  };
  const outside: OutsideWorld = {
    serviceUrl: (service) => (isMapped && service === 'ops/metrics' ? 'https://127.0.0.1:9/' : undefined),
    perform({ id, payload }) {
      asked.push(payload);
      harness.server.outside.settle(id, state.answer(payload));
    },
  };
  const harness = createApiHarness({
    outside,
    forward: (request) => {
      forwarded.push(request);
      return { status: 200, headers: {}, body: [textCodec.encode('{}')] };
    },
  });
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
  return { ...harness, asked, forwarded, state, run, condition, told };
}

const answerOf = (content: object, type = 'application/json'): OutsideResult & { readonly status: number } => ({
  status: 200,
  headers: { 'content-type': type },
  body: textCodec.encode(JSON.stringify(content)),
});

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
    const { request, forwarded } = clusterWith();
    const headers = {
      authorization: 'Bearer x',
      'x-remote-user': 'somebody',
      'x-remote-uid': '7',
      'x-remote-extra-scopes': 'all',
      'content-type': 'application/json',
      connection: 'close, x-hop',
      'x-hop': 'mine',
      'impersonate-user': 'jane',
      'impersonate-group': 'system:masters',
      'impersonate-extra-example.com%2froles': 'viewer',
    };
    const path = `${GROUP}/v1/namespaces/a/loads?dryRun=All`;
    expect(request('POST', path, { a: 1 }, headers).status).toBe(200);
    expect(forwarded).toEqual([
      {
        method: 'POST',
        url: `https://127.0.0.1:9${path}`,
        serverName: 'metrics.ops.svc',
        caBundle: '',
        isInsecure: false,
        timeoutSeconds: 60,
        headers: {
          'content-type': 'application/json',
          'x-forwarded-host': '127.0.0.1:9',
          'x-forwarded-proto': 'https',
          'x-forwarded-uri': `${GROUP}/v1/namespaces/a/loads`,
          'x-remote-user': 'jane',
          'x-remote-group': ['system:masters', 'system:authenticated'],
          'x-remote-extra-example.com%2Froles': ['viewer'],
        },
        answerHeaders: { 'x-kubernetes-pf-flowschema-uid': '', 'x-kubernetes-pf-prioritylevel-uid': '' },
      },
    ]);
  });

  it('may take as long as it likes for what goes on', () => {
    const { request, forwarded } = clusterWith();
    const paths = ['v1', 'v1/loads', 'v1/loads?watch=false', 'v1/loads?watch=true', 'v1/watch/loads'];
    for (const path of [...paths, 'v1/namespaces/a/loads/x/exec?command=sh']) request('GET', `${GROUP}/${path}`);
    expect(forwarded.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([5, 60, 60, ...Array(3).fill(undefined)]);
  });

  it('is refused who may not', () => {
    const { request, forwarded } = clusterWith();
    expect(request('GET', `${GROUP}/v1/loads`, undefined, { 'impersonate-user': 'jane' }).status).toBe(403);
    expect(forwarded).toEqual([]);
  });

  it('stands in discovery', () => {
    const { request, state, run } = clusterWith();
    const version = { groupVersion: 'metrics.example.com/v1', version: 'v1' };
    const group = { name: 'metrics.example.com', versions: [version], preferredVersion: version };
    expect(request('GET', '/apis').json.groups.at(-1)).toEqual(group);
    expect(request('GET', GROUP).json).toEqual({ kind: 'APIGroup', apiVersion: 'v1', ...group });
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

  it('is believed what it says of its versions in one document', () => {
    const { request, state, run, asked } = clusterWith();
    const resources = [{ resource: 'loads', responseKind: { kind: 'Load' }, scope: 'Cluster', verbs: ['get'] }];
    const versions = [{ version: 'v1', resources, freshness: 'Current' }, { version: 'v2' }];
    const document = { items: [{ metadata: { name: 'metrics.example.com' }, versions }] };
    const type = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';
    state.answer = ({ headers = {} }) => {
      const { headers: given, ...answer } = answerOf(document, type);
      if (headers['if-none-match'] === '"1"') return { status: 304, body: new Uint8Array() };
      return { ...answer, headers: { ...given, etag: '"1"' } };
    };
    const told = (): Json => request('GET', '/apis', undefined, AGGREGATED).json.items.at(-1).versions;
    run(31);
    expect(told()).toEqual([{ version: 'v1', resources, freshness: 'Current' }]);
    run(31);
    const last = asked.findLast(({ url }) => url.endsWith('/apis'));
    expect(last?.headers).toMatchObject({ 'if-none-match': '"1"', 'x-remote-user': 'system:kube-aggregator' });
    expect(told()).toEqual([{ version: 'v1', resources, freshness: 'Current' }]);
  });

  it('stands where its priority says', () => {
    const { request, run } = clusterWith();
    const register = (name: string, group: string, priorities: readonly [number, number], isLocal = false): void => {
      const [groupPriorityMinimum, versionPriority] = priorities;
      const service = isLocal ? {} : { service: { namespace: 'ops', name: 'metrics' } };
      const version = name.split('.', 1)[0];
      const spec = { group, version, groupPriorityMinimum, versionPriority, ...service };
      expect(request('POST', SERVICES, { metadata: { name }, spec }).status).toBe(201);
    };
    register('v1.apps', 'apps', [17_800, 15], true);
    register('v1beta1.metrics.example.com', 'metrics.example.com', [100, 200]);
    register('v2.metrics.example.com', 'metrics.example.com', [100, 100]);
    register('v1.first.example.com', 'first.example.com', [18_000, 1]);
    register('v1.same.example.com', 'same.example.com', [100, 1]);
    run();
    const named = ['apps', 'first.example.com', 'metrics.example.com', 'same.example.com'];
    const { groups } = request('GET', '/apis').json;
    const names = (all: Json): readonly string[] => all.filter((each: string) => named.includes(each));
    const wanted = ['first.example.com', 'apps', 'metrics.example.com', 'same.example.com'];
    expect(names(groups.map(({ name }: Json) => name))).toEqual(wanted);
    const { items } = request('GET', '/apis', undefined, AGGREGATED).json;
    expect(names(items.map(({ metadata }: Json) => metadata.name))).toEqual(wanted);
    const { versions, preferredVersion } = request('GET', GROUP).json;
    expect(versions.map(({ version }: Json) => version)).toEqual(['v1beta1', 'v2', 'v1']);
    expect(preferredVersion.version).toBe('v1beta1');
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

  it('is served by the part of the simulation that stands behind the Service, while its endpoints are ready', () => {
    const { request, told, run, server } = clusterWith({ isMapped: false });
    const setReady = readyService(request);
    const url = 'https://10.96.0.77:443/apis/metrics.example.com/v1';
    run();
    expect(told().slice(1)).toEqual([
      'FailedDiscoveryCheck',
      `failing or missing response from ${url}: Get "${url}": dial tcp 10.96.0.77:443: connect: connection refused`,
    ]);
    const seen: string[] = [];
    const part: SimulatedApi = {
      handle({ method, path, user, headers }, reply) {
        seen.push(`${user.username} ${method} ${path} ${headers['x-remote-user'] ?? '-'}`);
        const content = path === '/apis/metrics.example.com/v1' ? LIST : { kind: 'LoadList', items: [] };
        const status = path.startsWith('/apis/metrics.example.com/') ? 200 : 404;
        const type = { 'content-type': 'application/json' };
        reply.respond({ status, headers: type, body: [textCodec.encode(JSON.stringify(content))], revision: 0 });
        return { cancel: () => undefined };
      },
    };
    const registration = server.simulatedApis.register('ops/metrics', part);
    run();
    expect(told()).toEqual(['True', 'Passed', 'all checks passed']);
    const asJane = { 'x-remote-user': 'forged', 'impersonate-user': 'jane', 'impersonate-group': 'system:masters' };
    const list = request('GET', `${GROUP}/v1/loads`, undefined, asJane);
    expect([list.status, list.json]).toEqual([200, { kind: 'LoadList', items: [] }]);
    expect(seen.at(-1)).toBe(`jane GET ${GROUP}/v1/loads -`);
    const aggregated = request('GET', '/apis', undefined, AGGREGATED).json.items.at(-1);
    expect(aggregated.versions[0]).toMatchObject({ version: 'v1', freshness: 'Current' });
    const isIdle = seen.length;
    run(3_600);
    expect(seen).toHaveLength(isIdle);
    setReady(false);
    run();
    expect(told()[1]).toBe('MissingEndpoints');
    expect(request('GET', `${GROUP}/v1/loads`).text).toBe('service unavailable\n');
    setReady(true);
    run();
    expect(told()[1]).toBe('Passed');
    registration.cancel();
    run();
    expect(told()[1]).toBe('FailedDiscoveryCheck');
  });
});

/** Makes the Service; the function says whether its endpoint is ready. */
function readyService(request: (method: string, path: string, body?: unknown) => { readonly status: number }) {
  request('POST', '/api/v1/namespaces', { metadata: { name: 'ops' } });
  const cidr = { metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/12'] } };
  request('POST', '/apis/networking.k8s.io/v1/servicecidrs', cidr);
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: '', message: '' };
  const told = { ...cidr, status: { conditions: [ready] } };
  expect(request('PUT', '/apis/networking.k8s.io/v1/servicecidrs/kubernetes/status', told).status).toBe(200);
  const spec = { clusterIP: '10.96.0.77', ports: [{ name: 'web', port: 443 }] };
  expect(request('POST', '/api/v1/namespaces/ops/services', { metadata: { name: 'metrics' }, spec }).status).toBe(201);
  const slices = '/apis/discovery.k8s.io/v1/namespaces/ops/endpointslices';
  const slice = (ready: boolean): object => ({
    metadata: { name: 'metrics', labels: { 'kubernetes.io/service-name': 'metrics' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }],
    ports: [{ name: 'web', port: 8443 }],
  });
  expect(request('POST', slices, slice(true)).status).toBe(201);
  return (ready: boolean): void => expect(request('PUT', `${slices}/metrics`, slice(ready)).status).toBe(200);
}
