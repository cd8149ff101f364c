import { createApiHarness, type Json } from '../../../../test/support/engine-harness.js';
import { after, seconds } from '../../kernel/clock.js';
import { deployment } from '../../kinds/deployment.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const MERGE = { 'content-type': 'application/merge-patch+json' };

const mapOf = (data: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', ...metadata },
  data,
});
const deploymentOf = (spec: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    ...spec,
  },
});

function createApplier() {
  const harness = createApiHarness();
  const apply = (path: string, manager: string, body: object | string, query = '') =>
    harness.request('PATCH', `${path}?fieldManager=${manager}${query}`, body, APPLY);
  const fieldsOf = (object: Json): Record<string, Json> =>
    Object.fromEntries(
      (object.metadata.managedFields ?? []).map((entry: Json) => [
        [entry.manager, entry.operation, ...(entry.subresource === undefined ? [] : [entry.subresource])].join(' '),
        entry.fieldsV1,
      ]),
    );
  return { ...harness, apply, fieldsOf };
}

describe('server-side apply', () => {
  it('makes what is not there, and owns what it says', () => {
    const { apply } = createApplier();
    const { status, json } = apply(`${MAPS}/c`, 'me', mapOf({ a: '1' }));
    expect([status, json.metadata.managedFields]).toEqual([
      201,
      [
        {
          manager: 'me',
          operation: 'Apply',
          apiVersion: 'v1',
          time: '2026-01-01T00:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:data': { 'f:a': {} } },
        },
      ],
    ]);
  });

  it('writes nothing when it says the same again', () => {
    const { apply, store, loop } = createApplier();
    apply(`${MAPS}/c`, 'me', mapOf({ a: '1' }));
    const before = store.revision;
    loop.skipTo(after(loop.now, seconds(5)));
    const { status, json } = apply(`${MAPS}/c`, 'me', mapOf({ a: '1' }));
    expect([status, json.metadata.managedFields[0].time, store.revision]).toEqual([
      200,
      '2026-01-01T00:00:00Z',
      before,
    ]);
  });

  it('names who stands against it, and takes the field by force', () => {
    const { apply, request, fieldsOf } = createApplier();
    request('POST', MAPS, mapOf({ a: '1', b: '1' }), { 'user-agent': 'kubectl/v1.35 (linux)' });
    const refused = apply(`${MAPS}/c`, 'me', mapOf({ a: '2' }));
    expect(refused.status).toBe(409);
    expect(refused.json).toMatchObject({
      message: 'Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.a',
      reason: 'Conflict',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using v1', field: '.data.a' }],
      },
    });
    const forced = apply(`${MAPS}/c`, 'me', mapOf({ a: '2' }), '&force=true').json;
    expect(fieldsOf(forced)).toEqual({
      'me Apply': { 'f:data': { 'f:a': {} } },
      'kubectl Update': { 'f:data': { '.': {}, 'f:b': {} } },
    });
  });

  it('removes what only it owned and does not say any more', () => {
    const { apply } = createApplier();
    apply(`${MAPS}/c`, 'one', mapOf({ a: '1', b: '1' }));
    apply(`${MAPS}/c`, 'two', mapOf({ b: '1' }));
    expect(apply(`${MAPS}/c`, 'one', mapOf({ c: '1' })).json.data).toEqual({ b: '1', c: '1' });
  });

  it.each([
    ['', 422, 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'],
    ['a%07b', 422, 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\\ab": invalid character U+0007 (at position 1)'], // prettier-ignore
  ])('needs a manager with a name that can be printed: %j', (manager, code, message) => {
    const { apply } = createApplier();
    const { status, json } = apply(`${MAPS}/c`, manager, mapOf({}));
    expect([status, json.message]).toEqual([code, message]);
  });

  it.each([
    [{ ...mapOf({}), bogus: 1 }, 500, 'failed to create typed patch object (/c; /v1, Kind=ConfigMap): .bogus: field not declared in schema'], // prettier-ignore
    [mapOf({ a: 1 }), 500, 'failed to create typed patch object (/c; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:1}'], // prettier-ignore
    [mapOf({}, { managedFields: [] }), 400, 'metadata.managedFields must be nil'],
    [{ ...mapOf({}), kind: 'Secret' }, 400, 'invalid object type: /v1, Kind=Secret'],
    ['[]', 400, 'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}'], // prettier-ignore
    [mapOf({}, { name: 'd' }), 400, 'the name of the object (d) does not match the name on the URL (c)'],
    [mapOf({}, { uid: 'x' }), 409, 'Operation cannot be fulfilled on configmaps "c": uid mismatch: the provided object specified uid x, and no existing object was found'], // prettier-ignore
  ])('refuses %j', (body, code, message) => {
    const { apply } = createApplier();
    const { status, json } = apply(`${MAPS}/c`, 'me', body);
    expect([status, json.message]).toEqual([code, message]);
  });

  it('takes over what kubectl applied from the client’s side', () => {
    const { apply, request, fieldsOf } = createApplier();
    const annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(mapOf({ a: '1' }))}\n`,
    };
    request('POST', `${MAPS}?fieldManager=kubectl-client-side-apply`, mapOf({ a: '1' }, { annotations }));
    expect(apply(`${MAPS}/c`, 'other', mapOf({ a: '2' })).status).toBe(409);
    const { json } = apply(`${MAPS}/c`, 'kubectl', mapOf({ a: '2' }));
    expect(fieldsOf(json)['kubectl Apply']).toEqual({ 'f:data': { 'f:a': {} } });
    expect(json.metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']).toBe(
      '{"apiVersion":"v1","data":{"a":"2"},"kind":"ConfigMap","metadata":{"name":"c"}}\n',
    );
  });

  it('owns through each subresource by itself', () => {
    const { apply, request, fieldsOf } = createApplier();
    request('POST', PODS, { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    const conditions = [{ type: 'e.com/a', status: 'True' }];
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status: { conditions } };
    const fields = fieldsOf(apply(`${PODS}/p/status`, 'op', body).json);
    expect(fields['op Apply status']).toEqual({
      'f:status': { 'f:conditions': { 'k:{"type":"e.com/a"}': { '.': {}, 'f:status': {}, 'f:type': {} } } },
    });
    expect(apply(`${PODS}/none/status`, 'op', { ...body, metadata: { name: 'none' } }).status).toBe(404);
  });

  it('hands the replica count over to who scales', () => {
    const { apply, request, fieldsOf } = createApplier();
    apply(`${DEPLOYMENTS}/d`, 'deployer', deploymentOf({ replicas: 1 }));
    request('PATCH', `${DEPLOYMENTS}/d/scale?fieldManager=scaler`, { spec: { replicas: 3 } }, MERGE);
    const fields = fieldsOf(request('GET', `${DEPLOYMENTS}/d`).json);
    expect(fields['scaler Update scale']).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(fields['deployer Apply']['f:spec']['f:replicas']).toBeUndefined();
  });

  it('checks everything and stores nothing in a dry run', () => {
    const { apply, store } = createApplier();
    const before = store.revision;
    expect(apply(`${MAPS}/c`, 'me', mapOf({ a: '1' }), '&dryRun=All').status).toBe(201);
    expect(store.revision).toBe(before);
  });
});

describe('managedFields', () => {
  it('go by user agent, or by the name that is given', () => {
    const { request, fieldsOf } = createApplier();
    request('POST', MAPS, mapOf({ a: '1' }), { 'user-agent': 'agent/1.0 (x)' });
    const { json } = request('PATCH', `${MAPS}/c?fieldManager=named`, { data: { b: '1' } }, MERGE);
    expect(fieldsOf(json)).toEqual({
      'agent Update': { 'f:data': { '.': {}, 'f:a': {} } },
      'named Update': { 'f:data': { 'f:b': {} } },
    });
  });

  it.each([[[]], [[{}]]])('are forgotten when a client says %j', (managedFields) => {
    const { request } = createApplier();
    request('POST', MAPS, mapOf({ a: '1' }));
    expect(
      request('PUT', `${MAPS}/c`, mapOf({ a: '1' }, { managedFields })).json.metadata.managedFields,
    ).toBeUndefined();
    expect(request('PATCH', `${MAPS}/c`, { data: { b: '1' } }, MERGE).json.metadata.managedFields).toBeUndefined();
  });

  it('are before-first-apply’s where nobody was tracked', () => {
    const { apply, request, fieldsOf } = createApplier();
    request('POST', MAPS, mapOf({ a: '1' }));
    request('PUT', `${MAPS}/c`, mapOf({ a: '1' }, { managedFields: [{}] }));
    expect(fieldsOf(apply(`${MAPS}/c`, 'me', mapOf({ b: '1' })).json)).toEqual({
      'me Apply': { 'f:data': { 'f:b': {} } },
      'before-first-apply Update': { 'f:data': { '.': {}, 'f:a': {} } },
    });
  });

  it('are kept for components, too', () => {
    const { server, apply } = createApplier();
    apply(`${DEPLOYMENTS}/d`, 'deployer', deploymentOf({}));
    const object = server.resources.get(deployment, 'default/d')!;
    server.resources.call(
      {
        verb: 'update',
        kind: deployment,
        subresource: 'status',
        user: { username: 'system:kube-controller-manager', groups: ['system:masters'] },
        fieldManager: 'kube-controller-manager',
        object: { ...object, status: { observedGeneration: 1 } },
      },
      () => undefined,
    );
    const entries = server.resources.get(deployment, 'default/d')!.metadata.managedFields!;
    expect(entries.map(({ manager, subresource }) => [manager, subresource])).toEqual([
      ['deployer', undefined],
      ['kube-controller-manager', 'status'],
    ]);
    expect(entries[1]?.fieldsV1).toEqual({ 'f:status': { 'f:observedGeneration': {} } });
  });

  it('are one object for objects of one shape', () => {
    const { request, server } = createApplier();
    for (const name of ['x', 'y']) request('POST', MAPS, mapOf({ a: name }, { name }));
    const [one, other] = server.resources.list(server.registry.byPlural('', 'v1', 'configmaps')!);
    expect(one?.metadata.managedFields?.[0]?.fieldsV1).toBe(other?.metadata.managedFields?.[0]?.fieldsV1);
  });
});
