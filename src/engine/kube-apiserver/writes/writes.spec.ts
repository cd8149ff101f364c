import { createApiHarness } from '../../../../test/support/engine-harness.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const podBody = (name: string) => ({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }] } });

function withMap() {
  const harness = createApiHarness();
  const created = harness.request('POST', MAPS, { metadata: { name: 'a' }, data: { k: '1' } }).json;
  return { ...harness, created };
}

describe('create', () => {
  it('fills in what the server knows', () => {
    const { created } = withMap();
    expect(created.metadata).toMatchObject({
      name: 'a',
      namespace: 'default',
      creationTimestamp: '2026-01-01T00:00:00Z',
    });
    expect(created.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('gives the store revision as resourceVersion', () => {
    const { created, store } = withMap();
    expect(created.metadata.resourceVersion).toBe(String(store.revision));
  });

  it('draws names for a generateName', () => {
    const { request } = createApiHarness();
    const names = [1, 2].map(() => request('POST', MAPS, { metadata: { generateName: 'gen-' } }).json.metadata.name);
    for (const name of names) expect(name).toMatch(/^gen-[a-z0-9]{5}$/);
    expect(names[0]).not.toBe(names[1]);
  });

  it('refuses a name in use, and says so when that object is on its way out', () => {
    const { request } = withMap();
    expect(request('POST', MAPS, { metadata: { name: 'a' } }).json.message).toBe('configmaps "a" already exists');
    request('PATCH', `${MAPS}/a`, { metadata: { finalizers: ['e.com/x'] } }, MERGE);
    request('DELETE', `${MAPS}/a`);
    const again = request('POST', MAPS, { metadata: { name: 'a' } });
    expect([again.status, again.json.message]).toEqual([409, 'object is being deleted: configmaps "a" already exists']);
  });

  it('reports everything that is wrong with the metadata in one answer', () => {
    const { request } = createApiHarness();
    const metadata = { name: 'Bad', finalizers: ['orphan', 'foregroundDeletion'], ownerReferences: [{}] };
    const { status, json } = request('POST', MAPS, { metadata });
    expect(status).toBe(422);
    expect(json.details.causes.map((cause: { field: string }) => cause.field)).toEqual([
      'metadata.name',
      'metadata.ownerReferences.apiVersion',
      'metadata.ownerReferences.kind',
      'metadata.ownerReferences.name',
      'metadata.ownerReferences.uid',
      'metadata.finalizers',
    ]);
  });

  it('runs everything but the store in a dry run', () => {
    const { request, store } = createApiHarness();
    const before = store.revision;
    const { status, json } = request('POST', `${MAPS}?dryRun=All`, { metadata: { name: 'dry' } });
    expect([status, json.metadata.resourceVersion, store.revision]).toEqual([201, undefined, before]);
    expect(request('GET', `${MAPS}/dry`).status).toBe(404);
  });

  it('tells unknown and doubled fields apart from good ones, as the parameter says', () => {
    const { request } = createApiHarness();
    const body = '{"metadata":{"name":"x"},"bogus":1,"data":{"a":"1","a":"2"}}';
    const strict = request('POST', `${MAPS}?fieldValidation=Strict`, body);
    expect([strict.status, strict.json.message]).toEqual([
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "bogus", duplicate field "data.a"',
    ]);
    expect(request('POST', `${MAPS}?fieldValidation=Ignore&dryRun=All`, body).headers['warning']).toBeUndefined();
    const warned = request('POST', MAPS, body);
    expect(warned.headers['warning']).toEqual([
      '299 - "unknown field \\"bogus\\""',
      '299 - "duplicate field \\"data.a\\""',
    ]);
    expect(warned.json.data).toEqual({ a: '2' });
  });

  it('takes YAML, and refuses what it cannot read by its type', () => {
    const { request } = createApiHarness();
    const yaml = request('POST', MAPS, 'metadata: {name: y1}\ndata: {a: b}\n', { 'content-type': 'application/yaml' });
    expect(yaml.json.data).toEqual({ a: 'b' });
    expect(request('POST', MAPS, '{}', { 'content-type': 'text/plain' }).status).toBe(415);
  });

  it('refuses a body above the limit', () => {
    const { request } = createApiHarness();
    const { status, json } = request('POST', MAPS, `"${'x'.repeat(3 * 1_024 * 1_024)}"`);
    expect([status, json.message]).toEqual([413, 'Request entity too large: limit is 3145728']);
  });
});

describe('update', () => {
  it('refuses a version that is no longer the newest', () => {
    const { request, created } = withMap();
    const body = { metadata: { name: 'a', resourceVersion: created.metadata.resourceVersion }, data: { k: '2' } };
    expect(request('PUT', `${MAPS}/a`, body).status).toBe(200);
    const stale = request('PUT', `${MAPS}/a`, body);
    expect([stale.status, stale.json.message]).toEqual([
      409,
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    ]);
  });

  it('writes nothing when nothing changes', () => {
    const { request, created, store } = withMap();
    const before = store.revision;
    const { json } = request('PUT', `${MAPS}/a`, { metadata: { name: 'a' }, data: { k: '1' } });
    expect([json.metadata.resourceVersion, store.revision]).toEqual([created.metadata.resourceVersion, before]);
  });

  it('keeps what no update may change', () => {
    const { request, created } = withMap();
    const metadata = { name: 'a', creationTimestamp: '2001-01-01T00:00:00Z', generation: 9 };
    const { json } = request('PUT', `${MAPS}/a`, { metadata, data: { k: '2' } });
    expect(json.metadata).toMatchObject({ uid: created.metadata.uid, creationTimestamp: '2026-01-01T00:00:00Z' });
    expect(json.metadata.generation).toBeUndefined();
  });

  it('makes what is missing only where the kind allows it', () => {
    const { request } = createApiHarness();
    expect(request('PUT', `${MAPS}/none`, { metadata: { name: 'none' } }).status).toBe(404);
    const lease = { metadata: { name: 'l' }, spec: { holderIdentity: 'me' } };
    expect(request('PUT', '/apis/coordination.k8s.io/v1/namespaces/default/leases/l', lease).status).toBe(201);
  });

  it('takes the uid as a precondition', () => {
    const { request } = withMap();
    const { status, json } = request('PUT', `${MAPS}/a`, { metadata: { name: 'a', uid: 'other' } });
    expect([status, json.message]).toEqual([
      409,
      expect.stringContaining('Precondition failed: UID in precondition: other'),
    ]);
  });

  it('raises the generation with the spec and keeps spec and status apart', () => {
    const { request } = createApiHarness();
    request('POST', PODS, podBody('p'));
    const spec = request(
      'PATCH',
      `${PODS}/p`,
      { spec: { activeDeadlineSeconds: 9 }, status: { phase: 'Failed' } },
      MERGE,
    );
    expect([spec.json.metadata.generation, spec.json.status.phase]).toEqual([2, 'Pending']);
    const status = request(
      'PATCH',
      `${PODS}/p/status`,
      { spec: { activeDeadlineSeconds: 1 }, status: { phase: 'Running' } },
      MERGE,
    );
    expect([status.json.metadata.generation, status.json.status.phase]).toEqual([2, 'Running']);
    expect(status.json.spec.activeDeadlineSeconds).toBe(9);
  });
});

describe('patch', () => {
  it('understands the three kinds of patches', () => {
    const { request } = withMap();
    const json = [{ op: 'add', path: '/data/j', value: '1' }];
    request('PATCH', `${MAPS}/a`, json, { 'content-type': 'application/json-patch+json' });
    request('PATCH', `${MAPS}/a`, { data: { m: '1', k: null } }, MERGE);
    const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
    expect(request('PATCH', `${MAPS}/a`, { data: { s: '1' } }, strategic).json.data).toEqual({
      j: '1',
      m: '1',
      s: '1',
    });
  });

  it('refuses types that no patch has', () => {
    const { request } = withMap();
    const { status, json } = request('PATCH', `${MAPS}/a`, {}, { 'content-type': 'application/json' });
    expect([status, json.message]).toEqual([415, '415: Unsupported Media Type']);
  });

  it('shows the whole document when the outcome does not fit the type', () => {
    const { request } = withMap();
    const { status, json } = request('PATCH', `${MAPS}/a`, { data: { k: 1 } }, MERGE);
    expect(status).toBe(422);
    expect(json.message).toMatch(
      /^ "" is invalid: patch: Invalid value: "\{\\"apiVersion\\":\\"v1\\",\\"data\\":\{\\"k\\":1\}/,
    );
    expect(json.message).toMatch(/json: cannot unmarshal number into Go struct field ConfigMap\.data of type string$/);
  });
});
