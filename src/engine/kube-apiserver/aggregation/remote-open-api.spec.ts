import { createApiHarness, textCodec, type Json } from '../../../../test/support/engine-harness.js';
import { seconds } from '../../kernel/clock.js';
import type { OutsideResult, OutsideWorld, WebhookRequest } from '../outside/outside-effect.js';

const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';
const URL_OF_V1 = '/openapi/v3/apis/loads.example.com/v1?hash=abc';
const DEFINITION = 'com.example.Load';
const KIND = { group: 'loads.example.com', version: 'v1', kind: 'Load' };
const NOT_FOUND: OutsideResult = { status: 404, body: new Uint8Array() };

const json = (content: object, headers: Record<string, string> = {}): OutsideResult => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body: textCodec.encode(JSON.stringify(content)),
});

const version2 = {
  swagger: '2.0',
  info: { title: 'Loads', version: '1' },
  paths: {
    '/apis/loads.example.com/v1/loads': {
      get: {
        produces: ['application/json'],
        responses: { 200: { description: 'OK', schema: { $ref: `#/definitions/${DEFINITION}` } } },
        'x-kubernetes-group-version-kind': KIND,
      },
    },
    '/version/': { get: { responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/Info' } } } } },
  },
  definitions: {
    [DEFINITION]: {
      description: 'A load.',
      type: 'object',
      properties: { metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' } },
      'x-kubernetes-group-version-kind': [KIND],
    },
    'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': { description: 'of another version', type: 'object' },
    Info: { type: 'object' },
  },
};

/** A cluster with one aggregated server; `knowsVersion3`: whether that has documents of OpenAPI 3. */
function clusterWith({ knowsVersion3 = true } = {}) {
  const asked: string[] = [];
  const state = { isThere: true, description: 'A load.', isOdd: false };
  const answer = ({ url, headers = {} }: WebhookRequest): OutsideResult => {
    const path = url.replace('https://127.0.0.1:9', '');
    asked.push(`${String(headers['x-remote-user'])} ${path} ${String(headers['if-none-match'] ?? '')}`.trim());
    if (!state.isThere) return { fault: 'EOF' };
    if (path === '/apis/loads.example.com/v1') return json({ kind: 'APIResourceList', resources: [] });
    if (path === '/openapi/v2') {
      if (state.isOdd) return { status: 200, headers: {}, body: textCodec.encode('['.repeat(100_000)) };
      if (headers['if-none-match'] === '"1"' && state.description === 'A load.')
        return { status: 304, body: new Uint8Array() };
      const definition = { ...version2.definitions[DEFINITION], description: state.description };
      return json({ ...version2, definitions: { ...version2.definitions, [DEFINITION]: definition } }, { etag: '"1"' });
    }
    if (path !== '/openapi/v3' || !knowsVersion3) return NOT_FOUND;
    const paths = {
      'apis/loads.example.com/v1': { serverRelativeURL: URL_OF_V1 },
      version: { serverRelativeURL: '/x' },
    };
    return json({ paths: { ...paths, 'apis/apps/v1': { serverRelativeURL: '/openapi/v3/apis/apps/v1?hash=forged' } } });
  };
  const outside: OutsideWorld = {
    serviceUrl: () => 'https://127.0.0.1:9',
    perform: ({ id, payload }) => harness.server.outside.settle(id, answer(payload)),
  };
  const forwarded: string[] = [];
  const harness = createApiHarness({
    outside,
    forward: ({ url, headers }) => {
      forwarded.push(`${String(headers['x-remote-user'])} ${url}`);
      return { status: 200, headers: {}, body: [textCodec.encode('{}')] };
    },
  });
  const { request, loop } = harness;
  const run = (after = 0): void => void loop.run((loop.now + seconds(after)) as typeof loop.now, () => true);
  const service = { namespace: 'ops', name: 'loads' };
  const spec = { group: 'loads.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 100, service };
  request('POST', SERVICES, { metadata: { name: 'v1.loads.example.com' }, spec });
  run();
  const paths = (): Json => request('GET', '/openapi/v3').json.paths;
  return { request, run, asked, state, forwarded, paths };
}

describe('OpenAPI of an aggregated server', () => {
  it('is found in the index, and had from the server itself', () => {
    const { request, paths, forwarded, asked } = clusterWith();
    expect(paths()['apis/loads.example.com/v1']).toEqual({ serverRelativeURL: URL_OF_V1 });
    expect(paths()['apis/apps/v1'].serverRelativeURL).not.toContain('forged');
    expect(paths()['version'].serverRelativeURL).toContain('/openapi/v3/version?hash=');
    expect(Object.keys(paths())).toEqual(Object.keys(paths()).sort());
    expect(request('GET', URL_OF_V1).status).toBe(200);
    expect(forwarded).toEqual([`kubernetes-admin https://127.0.0.1:9${URL_OF_V1}`]);
    expect(request('GET', '/openapi/v3/apis/apps/v1').json.openapi).toBe('3.0.0');
    expect(forwarded).toHaveLength(1);
    expect(asked).toContain('system:aggregator /openapi/v3');
  });

  it('is made of its OpenAPI 2 where it knows no other', () => {
    const { request, paths, forwarded } = clusterWith({ knowsVersion3: false });
    const { serverRelativeURL } = paths()['apis/loads.example.com/v1'];
    expect(serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/loads\.example\.com\/v1\?hash=[0-9A-F]{128}$/);
    const { status, headers, json: document } = request('GET', serverRelativeURL);
    expect([status, headers['cache-control']]).toEqual([200, 'public, immutable, max-age=31536000']);
    expect(document.components.schemas[DEFINITION].description).toBe('A load.');
    expect(document.paths['/apis/loads.example.com/v1/loads'].get['x-kubernetes-group-version-kind']).toEqual(KIND);
    expect(forwarded).toEqual([]);
  });

  it('is merged into the cluster’s, for its own group alone', () => {
    const { request } = clusterWith();
    const { json: merged, headers } = request('GET', '/openapi/v2');
    expect(merged.paths['/apis/loads.example.com/v1/loads']).toBeDefined();
    expect(merged.paths['/version/']['get'].operationId).toBe('getCodeVersion');
    expect(merged.paths['/apis/apps/v1/deployments']).toBeDefined();
    expect(merged.definitions['Info']).toBeUndefined();
    const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
    expect(merged.definitions[DEFINITION].properties.metadata).toEqual({ $ref: `#/definitions/${meta}_v2` });
    expect(merged.definitions[`${meta}_v2`].description).toBe('of another version');
    expect(merged.definitions[meta].properties.name).toBeDefined();
    expect(request('GET', '/openapi/v2', undefined, { 'if-none-match': String(headers['etag']) }).status).toBe(304);
    const type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
    expect(request('GET', '/openapi/v2', undefined, { accept: type }).text).toContain('A load.');
  });

  it('is asked for again each minute, and for what has changed only', () => {
    const { request, run, asked, state } = clusterWith();
    const described = (): string => request('GET', '/openapi/v2').json.definitions[DEFINITION].description;
    const count = (): number => asked.filter((each) => each === 'system:aggregator /openapi/v2 "1"').length;
    expect([count(), described()]).toEqual([0, 'A load.']);
    run(61);
    expect([count(), described()]).toEqual([1, 'A load.']);
    state.description = 'Another.';
    run(61);
    expect([count(), described()]).toEqual([2, 'Another.']);
    state.isOdd = true;
    run(61);
    expect(described()).toBe('Another.');
    state.isThere = false;
    run(300);
    expect(described()).toBe('Another.');
    expect(request('GET', '/openapi/v3/apis/apps/v1').status).toBe(200);
    expect(request('GET', URL_OF_V1).text).toBe('service unavailable\n');
  });

  it('goes with its APIService', () => {
    const { request, run, paths } = clusterWith();
    request('DELETE', `${SERVICES}/v1.loads.example.com`);
    run();
    expect(paths()['apis/loads.example.com/v1']).toBeUndefined();
    expect(request('GET', URL_OF_V1).status).toBe(404);
    expect(request('GET', '/openapi/v2').json.definitions[DEFINITION]).toBeUndefined();
  });
});
