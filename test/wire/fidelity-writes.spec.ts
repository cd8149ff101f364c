import { createApiHarness, type HarnessAnswer, type Json } from '../support/engine-harness.js';

const NAMESPACE = '/api/v1/namespaces/default';
const MAPS = `${NAMESPACE}/configmaps`;
const SERVICES = `${NAMESPACE}/services`;
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const STRATEGIC = { 'content-type': 'application/strategic-merge-patch+json' };
const MERGE = { 'content-type': 'application/merge-patch+json' };
const JSON_PATCH = { 'content-type': 'application/json-patch+json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const YAML = { 'content-type': 'application/yaml' };
const POD_SPEC = { containers: [{ name: 'c', image: 'i' }] };
const LABELS = { app: 'web' };

const told = ({ status, json }: HarnessAnswer): unknown => [status, json.message];

function withMap(metadata: Json = {}) {
  const harness = createApiHarness();
  harness.request('POST', MAPS, { metadata: { name: 'm', ...metadata }, data: { a: '1' } });
  return harness;
}

function withDeployment(podSpec: Json = {}) {
  const harness = createApiHarness();
  const template = { metadata: { labels: LABELS }, spec: { ...POD_SPEC, ...podSpec } };
  const { status, text } = harness.request('POST', DEPLOYMENTS, {
    metadata: { name: 'd' },
    spec: { selector: { matchLabels: LABELS }, template },
  });
  if (status !== 201) throw new Error(text);
  return harness;
}

describe('a strategic merge patch', () => {
  const containers = ['a', 'b', 'c'].map((name) => ({ name, image: 'i' }));
  it.each<[what: string, patch: Json, names: readonly string[]]>([
    ['merges items by their key', { containers: [{ name: 'b', image: 'j' }] }, ['a', 'b', 'c']],
    ['puts new items first', { containers: [{ name: 'n', image: 'j' }] }, ['n', 'a', 'b', 'c']],
    ['deletes items', { containers: [{ name: 'a', $patch: 'delete' }] }, ['b', 'c']],
    ['replaces lists', { containers: [{ $patch: 'replace' }, { name: 'z', image: 'j' }] }, ['z']],
    [
      'orders by $setElementOrder, and before anything else',
      {
        '$setElementOrder/containers': [{ name: 'c' }, { name: 'n' }, { name: 'a' }],
        containers: [{ name: 'n', image: 'j' }],
      },
      ['b', 'c', 'n', 'a'],
    ],
  ])('%s', (_what, patch, names) => {
    const { json } = withDeployment({ containers }).request(
      'PATCH',
      `${DEPLOYMENTS}/d`,
      { spec: { template: { spec: patch } } },
      STRATEGIC,
    );
    expect(json.spec.template.spec.containers.map(({ name }: Json) => name)).toEqual(names);
  });

  it('keeps only what $retainKeys names', () => {
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    const { json } = withDeployment().request('PATCH', `${DEPLOYMENTS}/d`, patch, STRATEGIC);
    expect(json.spec.strategy).toEqual({ type: 'Recreate' });
  });

  it('takes values out of lists of values', () => {
    const { request } = withMap({ finalizers: ['e.com/a', 'e.com/b'] });
    const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['e.com/a'] } };
    expect(request('PATCH', `${MAPS}/m`, patch, STRATEGIC).json.metadata.finalizers).toEqual(['e.com/b']);
  });
});

describe('a patch of a subresource', () => {
  const meta = { metadata: { name: 'd', namespace: 'default' } };
  it.each<[type: string, headers: Record<string, string>, scale: Json, status: Json]>([
    [
      'JSON',
      JSON_PATCH,
      [{ op: 'replace', path: '/spec/replicas', value: 7 }],
      [{ op: 'add', path: '/status/replicas', value: 3 }],
    ],
    ['merge', MERGE, { spec: { replicas: 7 } }, { status: { replicas: 3 }, spec: { replicas: 9 } }],
    ['strategic merge', STRATEGIC, { spec: { replicas: 7 } }, { status: { replicas: 3 }, spec: { replicas: 9 } }],
    [
      'apply',
      APPLY,
      { apiVersion: 'autoscaling/v1', kind: 'Scale', ...meta, spec: { replicas: 7 } },
      { apiVersion: 'apps/v1', kind: 'Deployment', ...meta, status: { replicas: 3 } },
    ],
  ])('is of type %s as elsewhere', (_type, headers, scale, status) => {
    const { request } = withDeployment();
    const query = '?fieldManager=me&force=true';
    const scaled = request(
      'PATCH',
      `${DEPLOYMENTS}/d/scale${headers === APPLY ? query : '?fieldManager=me'}`,
      scale,
      headers,
    );
    expect([scaled.status, scaled.json.kind, scaled.json.spec.replicas]).toEqual([200, 'Scale', 7]);
    const { json } = request(
      'PATCH',
      `${DEPLOYMENTS}/d/status${headers === APPLY ? query : '?fieldManager=me'}`,
      status,
      headers,
    );
    expect([json.spec.replicas, json.status.replicas, json.metadata.generation]).toEqual([7, 3, 2]);
    const managers = json.metadata.managedFields.map(({ manager, subresource }: Json) => [manager, subresource]);
    expect(managers).toEqual(expect.arrayContaining([['me', 'scale'], ['me', 'status']])); // prettier-ignore
  });
});

describe('server-side apply', () => {
  const service = (spec: Json): Json => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec });

  it('finds items by keys of which some are defaults', () => {
    const { request } = createApiHarness();
    const send = (manager: string, ports: Json): Json =>
      request('PATCH', `${SERVICES}/s?fieldManager=${manager}`, service({ clusterIP: 'None', ports }), APPLY).json;
    const [first] = send('a', [{ port: 80, name: 'one' }]).metadata.managedFields;
    expect(Object.keys(first.fieldsV1['f:spec']['f:ports'])).toEqual(['k:{"port":80,"protocol":"TCP"}']);
    const { spec } = send('b', [{ port: 80, protocol: 'TCP', name: 'one' }, { port: 80, protocol: 'UDP', name: 'two' }]); // prettier-ignore
    expect(spec.ports.map(({ name, protocol }: Json) => [name, protocol])).toEqual([
      ['one', 'TCP'],
      ['two', 'UDP'],
    ]);
    const conflict = send('b', [{ port: 80, name: 'other' }]);
    expect(conflict).toMatchObject({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "a": .spec.ports[port=80,protocol="TCP"].name',
      details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "a"' }] },
    });
  });

  it('owns sets by value and atomic maps whole', () => {
    const { request } = createApiHarness();
    const map = (finalizers?: Json): Json => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'm', ...(finalizers === undefined ? {} : { finalizers }) },
    });
    const send = (manager: string, body: Json): Json =>
      request('PATCH', `${MAPS}/m?fieldManager=${manager}`, body, APPLY).json.metadata.finalizers;
    expect(send('a', map(['e.com/a']))).toEqual(['e.com/a']);
    expect(send('b', map(['e.com/b']))).toEqual(['e.com/a', 'e.com/b']);
    expect(send('a', map())).toEqual(['e.com/b']);
    const select = (manager: string, selector: Json): HarnessAnswer =>
      request('PATCH', `${SERVICES}/s?fieldManager=${manager}`, service({ clusterIP: 'None', selector }), APPLY);
    expect(select('a', { a: 'b' }).json.metadata.managedFields[0].fieldsV1['f:spec']['f:selector']).toEqual({});
    expect(told(select('b', { c: 'd' }))).toEqual([
      409,
      'Apply failed with 1 conflict: conflict with "a": .spec.selector',
    ]);
  });

  it('needs a name for who applies, and no managers in what is applied', () => {
    const { request } = withMap();
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } };
    expect(told(request('PATCH', `${MAPS}/m`, body, APPLY))).toEqual([
      422,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ]);
    const managed = { ...body, metadata: { name: 'm', managedFields: [{ manager: 'x', operation: 'Apply' }] } };
    expect(told(request('PATCH', `${MAPS}/m?fieldManager=a`, managed, APPLY))).toEqual([
      400,
      'metadata.managedFields must be nil',
    ]);
  });
});

describe('field validation', () => {
  const cannot = 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error:';
  const json = '{"metadata":{"name":"x"},"bogus":1,"data":{"a":"1","a":"2"}}';
  const yaml = 'metadata:\n  name: x\nbogus: 1\ndata:\n  a: "1"\n  a: "2"\n';

  it('finds all faults of a body at once, in JSON and in YAML', () => {
    const { request } = createApiHarness();
    const strict = `${MAPS}?fieldValidation=Strict`;
    expect(told(request('POST', strict, json))).toEqual([
      400,
      `${cannot} unknown field "bogus", duplicate field "data.a"`,
    ]);
    expect(told(request('POST', strict, yaml, YAML))).toEqual([
      400,
      `${cannot} yaml: unmarshal errors:\n  line 6: key "a" already set in map, unknown field "bogus"`,
    ]);
    const deep = '{"metadata":{"name":"x"},"spec":{"unknownField":1,"replicas":1,"replicas":2,"template":{}}}';
    expect(told(request('POST', `${DEPLOYMENTS}?fieldValidation=Strict`, deep))).toEqual([
      400,
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"',
    ]);
  });

  it('warns unless told otherwise, and is silent where it is ignored', () => {
    const { request } = createApiHarness();
    const warned = ['299 - "unknown field \\"bogus\\""', '299 - "duplicate field \\"data.a\\""'];
    for (const [query, warning] of [
      ['', warned],
      ['&fieldValidation=Warn', warned],
      ['&fieldValidation=Ignore', undefined],
    ] as const) {
      // prettier-ignore
      const answer = request('POST', `${MAPS}?dryRun=All${query}`, json);
      expect([answer.status, answer.headers['warning']]).toEqual([201, warning]);
    }
  });

  it('looks into patches, too', () => {
    const { request } = withMap();
    const strict = `${MAPS}/m?fieldValidation=Strict`;
    const merge = request('PATCH', strict, '{"bogus":1,"data":{"a":"1","a":"2"}}', MERGE);
    expect([merge.status, merge.json.message]).toEqual([
      422,
      expect.stringMatching(/strict decoding error: duplicate field "data\.a", unknown field "bogus"$/),
    ]);
    const json6902 = request('PATCH', strict, [{ op: 'add', path: '/bogus', value: 1 }], JSON_PATCH);
    expect([json6902.status, json6902.json.message]).toEqual([
      422,
      expect.stringMatching(/strict decoding error: unknown field "bogus"$/),
    ]);
  });
});

describe('preconditions', () => {
  const modified =
    'Operation cannot be fulfilled on configmaps "m": the object has been modified; please apply your changes to the latest version and try again';

  it('of updates and patches are the version and the uid that they carry', () => {
    const { request } = withMap();
    const { metadata } = request('GET', `${MAPS}/m`).json;
    const old = String(Number(metadata.resourceVersion) - 1);
    expect(told(request('PUT', `${MAPS}/m`, { metadata: { name: 'm', resourceVersion: old } }))).toEqual([
      409,
      modified,
    ]);
    expect(told(request('PATCH', `${MAPS}/m`, { metadata: { resourceVersion: old }, data: {} }, MERGE))).toEqual([
      409,
      modified,
    ]);
    expect(request('PUT', `${MAPS}/m`, { metadata: { name: 'm', uid: 'x' } }).status).toBe(409);
    expect(told(request('PATCH', `${MAPS}/m`, { metadata: { uid: 'x' } }, MERGE))).toEqual([
      422,
      'ConfigMap "m" is invalid: metadata.uid: Invalid value: "x": field is immutable',
    ]);
  });

  it('of deletions are named, of one object or of each of a collection', () => {
    const { request } = withMap();
    const { uid, resourceVersion } = request('GET', `${MAPS}/m`).json.metadata;
    const conflict = 'Operation cannot be fulfilled on ConfigMap "m": the';
    for (const path of [`${MAPS}/m`, MAPS]) {
      expect(told(request('DELETE', path, { preconditions: { uid: 'x' } }))).toEqual([
        409,
        `${conflict} UID in the precondition (x) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
      ]);
      expect(told(request('DELETE', path, { preconditions: { resourceVersion: '1' } }))).toEqual([
        409,
        `${conflict} ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
      ]);
    }
    expect(request('DELETE', `${MAPS}/m`, { preconditions: { uid, resourceVersion } }).status).toBe(200);
  });
});

describe('a dry run', () => {
  it('of any write stores nothing', () => {
    const { request, store } = withDeployment();
    request('POST', MAPS, { metadata: { name: 'm' } });
    const { revision } = store;
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } };
    const statuses = [
      request('POST', `${MAPS}?dryRun=All`, { metadata: { name: 'x' } }),
      request('PUT', `${MAPS}/m?dryRun=All`, { metadata: { name: 'm' }, data: { b: '2' } }),
      request('PATCH', `${MAPS}/m?dryRun=All`, { data: { b: '2' } }, MERGE),
      request('PATCH', `${MAPS}/new?dryRun=All&fieldManager=a`, applied, APPLY),
      request('PUT', `${DEPLOYMENTS}/d/scale?dryRun=All`, { metadata: { name: 'd' }, spec: { replicas: 4 } }),
      request('PATCH', `${DEPLOYMENTS}/d/status?dryRun=All`, { status: { replicas: 4 } }, MERGE),
      request('DELETE', `${MAPS}/m?dryRun=All`),
      request('DELETE', `${MAPS}/m`, { dryRun: ['All'] }),
      request('DELETE', `${MAPS}?dryRun=All`),
    ].map(({ status }) => status);
    expect([statuses, store.revision]).toEqual([[201, 200, 200, 201, 200, 200, 200, 200, 200], revision]);
  });
});

describe('options of a deletion', () => {
  it.each<[options: Json, message: string]>([
    [
      { propagationPolicy: 'Sometimes' },
      'propagationPolicy: Unsupported value: "Sometimes": supported values: "Foreground", "Background", "Orphan", "nil"',
    ],
    [
      { propagationPolicy: 'Orphan', orphanDependents: true },
      'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
    ],
  ])('%j are refused', (options, message) => {
    expect(told(withMap().request('DELETE', `${MAPS}/m`, options))).toEqual([
      422,
      `DeleteOptions.meta.k8s.io "" is invalid: ${message}`,
    ]);
  });

  it('may still say orphanDependents', () => {
    const { json } = withMap().request('DELETE', `${MAPS}/m`, { orphanDependents: true });
    expect(json.metadata.finalizers).toEqual(['orphan']);
  });
});

describe('fields that never change', () => {
  const storage = '/apis/storage.k8s.io/v1/storageclasses';
  const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' };
  const template = { metadata: { labels: LABELS }, spec: POD_SPEC };
  it.each<[path: string, body: Json, patch: Json, message: string | RegExp]>([
    [
      DEPLOYMENTS,
      {
        spec: {
          selector: { matchLabels: LABELS },
          template: { ...template, metadata: { labels: { ...LABELS, a: 'b' } } },
        },
      },
      { spec: { selector: { matchLabels: { a: 'b' } } } },
      'Deployment.apps "x" is invalid: spec.selector: Invalid value: {"matchLabels":{"a":"b","app":"web"}}: field is immutable',
    ],
    [
      '/apis/apps/v1/namespaces/default/statefulsets',
      { spec: { serviceName: 's', selector: { matchLabels: LABELS }, template } },
      { spec: { serviceName: 't' } },
      /^StatefulSet\.apps "x" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', /,
    ],
    [
      '/apis/batch/v1/namespaces/default/jobs',
      { spec: { template: { spec: { ...POD_SPEC, restartPolicy: 'Never' } } } },
      { spec: { completions: 4 } },
      'Job.batch "x" is invalid: spec.completions: Invalid value: 4: field is immutable',
    ],
    [storage, { provisioner: 'e.com/a' }, { provisioner: 'e.com/b' }, /provisioner: Forbidden: updates to provisioner/],
    [bindings, { roleRef }, { roleRef: { name: 'q' } }, /roleRef: Invalid value: .*: cannot change roleRef$/],
    [
      `${NAMESPACE}/secrets`,
      { immutable: true, data: { a: 'MQ==' } },
      { data: { a: 'Mg==' } },
      'Secret "x" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    ],
    [
      `${NAMESPACE}/persistentvolumeclaims`,
      { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
      { spec: { accessModes: ['ReadOnlyMany'] } },
      /spec: Forbidden: spec is immutable after creation except resources\.requests and volumeAttributesClassName/,
    ],
  ])('%s', (path, body, patch, message) => {
    const { request } = createApiHarness();
    expect(request('POST', path, { metadata: { name: 'x' }, ...body }).status).toBe(201);
    const { status, json } = request('PATCH', `${path}/x`, patch, MERGE);
    expect([status, json.message]).toEqual([
      422,
      typeof message === 'string' ? message : expect.stringMatching(message),
    ]);
  });
});
