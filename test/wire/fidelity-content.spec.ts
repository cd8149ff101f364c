import { kinds } from '../../src/engine/kinds/registry.js';
import type { Kind } from '../../src/engine/machinery/kind.js';
import { createApiHarness, type HarnessAnswer, type Json } from '../support/engine-harness.js';
import { openWatch } from '../support/engine-watch.js';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const META = ';v=v1;g=meta.k8s.io';
const TABLE = { accept: `application/json;as=Table${META}` };
const METADATA = { accept: `application/json;as=PartialObjectMetadata${META}` };
const METADATA_LIST = { accept: `application/json;as=PartialObjectMetadataList${META}` };
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const NAMESPACE = '/api/v1/namespaces/default';
const PODS = `${NAMESPACE}/pods`;
const POD_SPEC = { containers: [{ name: 'c', image: 'i' }] };
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const rootOf = ({ group, version }: Kind): string => (group === '' ? `/api/${version}` : `/apis/${group}/${version}`);
const LISTED = kinds
  .filter(({ verbs }) => verbs.includes('list'))
  .map((kind): [path: string, canBeWatched: boolean] => [
    `${rootOf(kind)}/${kind.plural}`,
    kind.verbs.includes('watch'),
  ]);

const definition = {
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['all'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' },
        },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A thing that is made.',
            properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
          },
        },
      },
    ],
  },
};

function withPod() {
  const harness = createApiHarness();
  harness.request('POST', PODS, { metadata: { name: 'p', labels: { a: 'b' } }, spec: POD_SPEC });
  return harness;
}
const typeOf = ({ status, headers }: HarnessAnswer): unknown => [status, headers['content-type']];

describe('every kind that is listed', () => {
  const { request } = createApiHarness();

  it.each(LISTED)('%s is listed and watched in protobuf by whoever takes nothing else', (path, canBeWatched) => {
    expect(typeOf(request('GET', path, undefined, { accept: PROTOBUF }))).toEqual([200, PROTOBUF]);
    if (!canBeWatched) return;
    const accept = `${PROTOBUF};stream=watch`;
    expect(typeOf(request('GET', `${path}?watch=1`, undefined, { accept }))).toEqual([200, accept]);
  });

  it.each(LISTED)('%s is a Table, and metadata, to whoever asks for that', (path) => {
    const table = request('GET', path, undefined, TABLE).json;
    expect([table.kind, table.apiVersion]).toEqual(['Table', 'meta.k8s.io/v1']);
    for (const { name, type, priority } of table.columnDefinitions) {
      expect([typeof name, typeof type, [0, 1].includes(priority)]).toEqual(['string', 'string', true]);
    }
    // Upstream has no rows, or null, by how the kind makes them.
    for (const { cells } of table.rows ?? []) expect(cells).toHaveLength(table.columnDefinitions.length);
    expect(request('GET', path, undefined, METADATA_LIST).json.kind).toBe('PartialObjectMetadataList');
  });
});

describe('a Table', () => {
  it.each([
    ['None', null],
    ['Metadata', { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'p' } }],
    ['', { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'p' } }],
    ['Object', { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'p' }, spec: { containers: [{ name: 'c' }] } }],
  ])('has with includeObject=%j as much of each object, in gets, lists and watches', (include, object) => {
    const harness = withPod();
    const query = `includeObject=${include}`;
    const rows = [
      harness.request('GET', `${PODS}/p?${query}`, undefined, TABLE).json.rows[0],
      harness.request('GET', `${PODS}?${query}`, undefined, TABLE).json.rows[0],
      openWatch(harness, `${PODS}?${query}`, TABLE).events()[0]?.object.rows[0],
    ];
    for (const row of rows) {
      if (object === null) expect(row.object).toBeNull();
      else expect(row.object).toMatchObject(object);
      if (include !== 'Object') expect(row.object?.spec).toBeUndefined();
    }
  });

  it("has upstream's columns, wide ones by priority, and its cells", () => {
    const { columnDefinitions, rows } = withPod().request('GET', PODS, undefined, TABLE).json;
    expect(columnDefinitions.map(({ name, priority }: Json) => `${name} ${priority}`)).toEqual([
      'Name 0',
      'Ready 0',
      'Status 0',
      'Restarts 0',
      'Age 0',
      'IP 1',
      'Node 1',
      'Nominated Node 1',
      'Readiness Gates 1',
    ]);
    expect(rows[0].cells).toEqual(['p', '0/1', 'Pending', '0', '0s', '<none>', '<none>', '<none>', '<none>']);
  });

  it('is served as v1beta1, too', () => {
    const accept = 'application/json;as=Table;v=v1beta1;g=meta.k8s.io';
    expect(withPod().request('GET', PODS, undefined, { accept }).json.apiVersion).toBe('meta.k8s.io/v1beta1');
  });

  it('is not what discovery, bindings, evictions and reviews are: they are 406 with a Status', () => {
    const { request } = withPod();
    const access = { spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
    const answers = [
      request('GET', '/apis', undefined, TABLE),
      request('POST', `${PODS}/p/binding`, { metadata: { name: 'p' }, target: { name: 'n' } }, TABLE),
      request('POST', `${PODS}/p/eviction`, { metadata: { name: 'p' } }, TABLE),
      request('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', access, TABLE),
    ];
    for (const { status, json } of answers) {
      expect([status, json.kind, json.reason]).toEqual([406, 'Status', 'NotAcceptable']);
    }
    expect(request('GET', `${PODS}/p`).json.spec.nodeName).toBeUndefined();
  });

  it('is not what errors are', () => {
    expect(createApiHarness().request('GET', `${PODS}/none`, undefined, TABLE).json).toMatchObject({
      kind: 'Status',
      code: 404,
    });
  });
});

describe('metadata alone', () => {
  it('comes from gets, lists and watches', () => {
    const harness = withPod();
    const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
    const object = { ...partial, metadata: expect.objectContaining({ name: 'p', labels: { a: 'b' } }) };
    expect(harness.request('GET', `${PODS}/p`, undefined, METADATA).json).toEqual(object);
    expect(harness.request('GET', PODS, undefined, METADATA_LIST).json.items).toEqual([object]);
    expect(openWatch(harness, PODS, METADATA).events()[0]).toEqual({ type: 'ADDED', object });
  });

  it('is what a write may be answered by', () => {
    const { json } = withPod().request('POST', PODS, { metadata: { name: 'q' }, spec: POD_SPEC }, METADATA);
    expect([json.kind, json.spec]).toEqual(['PartialObjectMetadata', undefined]);
  });
});

describe('discovery without aggregation', () => {
  const { request } = createApiHarness();
  const resource = (path: string, name: string): Json =>
    request('GET', path).json.resources.find((each: Json) => each.name === name);

  it('has four levels', () => {
    expect(request('GET', '/api').json).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const { kind, groups } = request('GET', '/apis').json;
    expect([kind, groups.find(({ name }: Json) => name === 'apps')]).toEqual([
      'APIGroupList',
      {
        name: 'apps',
        versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
        preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
      },
    ]);
    expect(request('GET', '/apis/apps').json.kind).toBe('APIGroup');
    expect(request('GET', '/apis/apps/v1').json).toMatchObject({ kind: 'APIResourceList', groupVersion: 'apps/v1' });
  });

  it('tells short names, categories, singular names and the hash of the storage version', () => {
    expect(resource('/api/v1', 'pods')).toEqual({
      name: 'pods',
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['po'],
      categories: ['all'],
      storageVersionHash: 'xPOwRZ+Yhw8=',
    });
    expect(resource('/api/v1', 'nodes')).toMatchObject({ namespaced: false, shortNames: ['no'] });
  });

  it('tells subresources, of other kinds where they are', () => {
    expect(resource('/apis/apps/v1', 'deployments/scale')).toEqual({
      name: 'deployments/scale',
      singularName: '',
      namespaced: true,
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    });
    expect(resource('/apis/apps/v1', 'deployments/status').kind).toBe('Deployment');
    for (const name of [
      'binding',
      'ephemeralcontainers',
      'eviction',
      'exec',
      'log',
      'portforward',
      'proxy',
      'resize',
    ]) {
      expect(resource('/api/v1', `pods/${name}`)).toMatchObject({ name: `pods/${name}` });
    }
  });
});

describe('aggregated discovery', () => {
  it('is told peers or no peers alike, and once to whoever has it', () => {
    const { request } = createApiHarness();
    for (const root of ['/api', '/apis']) {
      const { headers, text } = request('GET', root, undefined, { accept: AGGREGATED });
      const alone = request('GET', root, undefined, { accept: `${AGGREGATED};profile=nopeer` });
      expect([headers['content-type'], alone.status, alone.text]).toEqual([AGGREGATED, 200, text]);
      const again = { accept: AGGREGATED, 'if-none-match': String(headers['etag']) };
      expect(request('GET', root, undefined, again)).toMatchObject({ status: 304, text: '' });
    }
  });

  it('shows a custom kind as soon as it is defined, under another tag', () => {
    const { request, loop } = createApiHarness();
    const before = request('GET', '/apis', undefined, { accept: AGGREGATED }).headers['etag'];
    request('POST', DEFINITIONS, definition);
    loop.run(loop.now, () => true);
    const { headers, json } = request('GET', '/apis', undefined, {
      accept: AGGREGATED,
      'if-none-match': String(before),
    });
    expect(headers['etag']).not.toBe(before);
    const group = json.items.find(({ metadata }: Json) => metadata.name === 'example.com');
    expect(group.versions[0].resources[0]).toMatchObject({
      resource: 'widgets',
      responseKind: { group: 'example.com', version: 'v1', kind: 'Widget' },
      scope: 'Namespaced',
      singularResource: 'widget',
      shortNames: ['wd'],
      categories: ['all'],
      subresources: [
        { subresource: 'status', responseKind: { group: 'example.com', version: 'v1', kind: 'Widget' } },
        { subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } },
      ],
    });
  });
});

describe('OpenAPI', () => {
  it('publishes custom kinds in both versions, with what they are for and what they are', () => {
    const { request, loop } = createApiHarness();
    request('POST', DEFINITIONS, definition);
    loop.run(loop.now, () => true);
    const marks = [{ group: 'example.com', kind: 'Widget', version: 'v1' }];
    const two = request('GET', '/openapi/v2').json;
    const three = request('GET', '/openapi/v3/apis/example.com/v1').json;
    for (const schema of [
      two.definitions['com.example.v1.Widget'],
      three.components.schemas['com.example.v1.Widget'],
    ]) {
      expect(schema).toMatchObject({
        description: 'A thing that is made.',
        'x-kubernetes-group-version-kind': marks,
        properties: { spec: { properties: { size: { type: 'integer' } } } },
      });
    }
    expect(two.paths).toHaveProperty(['/apis/example.com/v1/namespaces/{namespace}/widgets/{name}/status']);
    expect(two.definitions).toHaveProperty(['io.k8s.api.core.v1.Pod']);
  });
});

describe('errors', () => {
  it("are Status objects in upstream's words, with a cause for each fault", () => {
    const labels = { app: 'x' };
    const spec = { template: { metadata: { labels }, spec: POD_SPEC } };
    const { request } = createApiHarness();
    expect(
      request('POST', '/apis/apps/v1/namespaces/default/deployments', { metadata: { name: 'x' }, spec }).json,
    ).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: expect.stringMatching(/^Deployment\.apps "x" is invalid: (\[.*)?spec\.selector: Required value/),
      reason: 'Invalid',
      details: {
        name: 'x',
        group: 'apps',
        kind: 'Deployment',
        causes: expect.arrayContaining([
          { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.selector' },
        ]),
      },
      code: 422,
    });
  });

  it('of an unknown path, an unknown subresource and an unknown object differ', () => {
    const { request } = withPod();
    expect(request('GET', '/nowhere')).toMatchObject({ status: 404, text: '404 page not found\n' });
    const messages = [`${PODS}/p/nothing`, `${PODS}/none`].map((path) => request('GET', path).json.message);
    expect(messages).toEqual(['the server could not find the requested resource', 'pods "none" not found']);
  });

  it('are no errors, but warnings, where an API grows old', () => {
    const { request } = createApiHarness();
    const { status, headers } = request('POST', `${NAMESPACE}/endpoints`, { metadata: { name: 'x' } });
    expect([status, String(headers['warning'])]).toEqual([
      201,
      '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"',
    ]);
  });
});
