import { createApiHarness, textCodec, type Json } from '../../../../test/support/engine-harness.js';
import type { OutsideResult, OutsideWorld } from '../outside/outside-effect.js';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const text = { type: 'string' };
const boxes = (version: string, rest = ''): string => `/apis/example.com/${version}/namespaces/default/boxes${rest}`;

/** `v1` has an address and a size, `v2` has host, port and count. */
const FIELDS: Readonly<Record<string, object>> = {
  v1: { address: text, size: { type: 'integer' } },
  v2: { host: text, port: text, count: { type: 'integer' } },
};
const COUNTS: Readonly<Record<string, string>> = { v1: '.spec.size', v2: '.spec.count' };

const versionOf = (name: string) => ({
  name,
  served: true,
  storage: name === 'v1',
  subresources: { scale: { specReplicasPath: COUNTS[name], statusReplicasPath: '.status.count' } },
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          properties: { ...FIELDS[name], tags: { type: 'object', additionalProperties: text } },
        },
      },
    },
  },
});

function converted({ spec, ...rest }: Json, apiVersion: string): Json {
  if (spec === undefined) return { ...rest, apiVersion };
  const { address, size, host, port, count, ...others } = spec;
  const given = (fields: object): object =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  if (apiVersion.endsWith('v1')) {
    const joined = host === undefined ? undefined : `${host}:${port}`;
    return { ...rest, apiVersion, spec: { ...others, ...given({ address: joined, size: count }) } };
  }
  const [name, number] = address === undefined ? [] : address.split(':');
  return { ...rest, apiVersion, spec: { ...others, ...given({ host: name, port: number, count: size }) } };
}

function clusterWithBoxes() {
  const state = { isDown: false };
  const outside: OutsideWorld = {
    serviceUrl: () => undefined,
    perform({ id, payload }) {
      const { apiVersion, kind, request: asked } = JSON.parse(textCodec.decode(payload.body)) as Json;
      const convertedObjects = asked.objects.map((each: Json) => converted(each, asked.desiredAPIVersion));
      const response = { uid: asked.uid, result: { status: 'Success' }, convertedObjects };
      const result: OutsideResult = state.isDown
        ? { fault: 'connection refused' }
        : { status: 200, body: textCodec.encode(JSON.stringify({ apiVersion, kind, response })) };
      harness.server.outside.settle(id, result);
    },
  };
  const harness = createApiHarness({ outside });
  const { request, loop } = harness;
  const spec = {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'boxes', singular: 'box', kind: 'Box', listKind: 'BoxList' },
    versions: ['v1', 'v2'].map(versionOf),
    conversion: {
      strategy: 'Webhook',
      webhook: { clientConfig: { url: 'https://127.0.0.1:9/convert' }, conversionReviewVersions: ['v1'] },
    },
  };
  expect(request('POST', DEFINITIONS, { metadata: { name: 'boxes.example.com' }, spec }).status).toBe(201);
  loop.run(loop.now, () => true);
  const apply = (version: string, manager: string, spec: object, force = false) =>
    request(
      'PATCH',
      boxes(version, `/one?fieldManager=${manager}&force=${force}`),
      { apiVersion: `example.com/${version}`, kind: 'Box', metadata: { name: 'one' }, spec },
      APPLY,
    );
  const specIn = (version: string): Json => request('GET', boxes(version, '/one')).json.spec;
  /** By manager, its version and what it owns of the spec. */
  const owners = (): Json =>
    Object.fromEntries(
      request('GET', boxes('v1', '/one')).json.metadata.managedFields?.map((entry: Json) => [
        `${entry.manager} ${entry.apiVersion.slice(-2)}`,
        Object.keys(entry.fieldsV1['f:spec']).filter((name) => name !== '.'),
      ]) ?? [],
    );
  return { ...harness, state, apply, specIn, owners };
}

describe('managers that speak of different versions', () => {
  it('take over from one another what is the same, and remove what they no longer apply', () => {
    const { apply, specIn, owners } = clusterWithBoxes();
    expect(apply('v2', 'me', { host: 'a', port: '1', tags: { x: '1', y: '2' } }).status).toBe(201);
    expect(owners()).toEqual({ 'me v2': ['f:host', 'f:port', 'f:tags'] });
    expect(apply('v1', 'me', { address: 'a:1', tags: { x: '1' } }).status).toBe(200);
    expect(specIn('v1')).toEqual({ address: 'a:1', tags: { x: '1' } });
    expect(owners()).toEqual({ 'me v1': ['f:address', 'f:tags'] });
  });

  it('are in conflict where a change is one in their own version', () => {
    const { apply, owners } = clusterWithBoxes();
    apply('v2', 'me', { host: 'a', port: '1' });
    const refused = apply('v1', 'other', { address: 'a:2' });
    expect([refused.status, refused.json.message]).toEqual([
      409,
      'Apply failed with 1 conflict: conflict with "me": .spec.port',
    ]);
    expect(apply('v1', 'other', { address: 'a:1' }).status).toBe(200);
    expect(apply('v1', 'other', { address: 'a:2' }, true).status).toBe(200);
    expect(owners()).toEqual({ 'me v2': ['f:host'], 'other v1': ['f:address'] });
  });

  it('lose to who updates what they own, and nothing else', () => {
    const { apply, request, owners } = clusterWithBoxes();
    apply('v2', 'me', { host: 'a', port: '1', count: 3 });
    const patch = { spec: { address: 'a:9' } };
    expect(request('PATCH', boxes('v1', '/one?fieldManager=patcher'), patch, MERGE).status).toBe(200);
    expect(owners()).toEqual({ 'me v2': ['f:count', 'f:host'], 'patcher v1': ['f:address'] });
  });

  it('lose the count where another version is scaled', () => {
    const { apply, request, specIn, owners } = clusterWithBoxes();
    apply('v2', 'me', { host: 'a', port: '1', count: 3 });
    const scaled = request('PATCH', boxes('v1', '/one/scale?fieldManager=scaler'), { spec: { replicas: 5 } }, MERGE);
    expect([scaled.status, scaled.json.spec]).toEqual([200, { replicas: 5 }]);
    expect(specIn('v2').count).toBe(5);
    expect(owners()).toEqual({ 'me v2': ['f:host', 'f:port'], 'scaler v1': ['f:size'] });
  });

  it('are told why nothing can be applied while nobody converts', () => {
    const { apply, state } = clusterWithBoxes();
    apply('v1', 'old', { address: 'a:1' });
    apply('v2', 'me', { host: 'a', port: '1' });
    state.isDown = true;
    const { status, json } = apply('v1', 'other', { tags: { x: '1' } });
    expect([status, json.message]).toEqual([
      500,
      'conversion webhook for example.com/v1, Kind=Box failed: Post "https://127.0.0.1:9/convert?timeout=30s": connection refused',
    ]);
  });
});
