import { ApiServer } from '../../src/engine/kube-apiserver/api-server.js';
import { SharedParts } from '../../src/engine/kube-apiserver/shared-parts.js';
import { kinds } from '../../src/engine/kinds/registry.js';
import { ControllerWorld } from '../support/controller-world.js';
import { createApiHarness, textCodec, type HarnessOptions, type Json } from '../support/engine-harness.js';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const DEFINITION = `${DEFINITIONS}/widgets.example.com`;
const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const APPLY = { 'content-type': 'application/apply-patch+yaml' };

const ports = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
  items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, port: { type: 'integer' } } },
};
const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer', minimum: 1, default: 1 },
        color: { type: 'string', enum: ['red', 'blue'] },
        ports,
      },
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
};
const VERSION = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } };

const definition = (version: object = {}, spec: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['all'] },
    versions: [{ ...VERSION, ...version }],
    ...spec,
  },
});

const widget = (name: string, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name, ...metadata },
  spec,
});

interface Harness {
  readonly loop: ReturnType<typeof createApiHarness>['loop'];
  readonly request: ReturnType<typeof createApiHarness>['request'];
}

const settle = ({ loop }: Harness): void => void loop.run(loop.now, () => true);

function harnessWithWidgets(version: object = {}, spec: object = {}, options: HarnessOptions = {}) {
  const harness = createApiHarness(options);
  expect(harness.request('POST', DEFINITIONS, definition(version, spec)).status).toBe(201);
  settle(harness);
  return harness;
}

const conditionsOf = (answer: Json): readonly (readonly string[])[] =>
  answer.status.conditions.map(({ type, status, reason }: Record<string, string>) => [type, status, reason]);

describe('a CustomResourceDefinition', () => {
  it('is established and served at once', () => {
    const { request } = harnessWithWidgets();
    const stored = request('GET', DEFINITION).json;
    expect(conditionsOf(stored)).toEqual([
      ['NamesAccepted', 'True', 'NoConflicts'],
      ['Established', 'True', 'InitialNamesAccepted'],
    ]);
    expect(stored.status.acceptedNames).toMatchObject({ plural: 'widgets', kind: 'Widget', listKind: 'WidgetList' });
    expect(request('GET', WIDGETS).json).toMatchObject({ kind: 'WidgetList', items: [] });
  });

  it('is not established while another has its names', () => {
    const harness = harnessWithWidgets();
    const { request } = harness;
    const names = { plural: 'gadgets', kind: 'Widget', listKind: 'GadgetList', shortNames: ['wd'] };
    const other = { ...definition({}, { names }), metadata: { name: 'gadgets.example.com' } };
    request('POST', DEFINITIONS, other);
    settle(harness);
    expect(conditionsOf(request('GET', `${DEFINITIONS}/gadgets.example.com`).json)).toEqual([
      ['NamesAccepted', 'False', 'KindConflict'],
      ['Established', 'False', 'NotAccepted'],
    ]);
    request('DELETE', DEFINITION);
    settle(harness);
    expect(conditionsOf(request('GET', `${DEFINITIONS}/gadgets.example.com`).json)).toEqual([
      ['NamesAccepted', 'True', 'NoConflicts'],
      ['Established', 'True', 'InitialNamesAccepted'],
    ]);
  });

  it('goes after its instances', () => {
    const harness = harnessWithWidgets();
    const { request } = harness;
    request('POST', WIDGETS, widget('free'));
    request('POST', WIDGETS, widget('held', {}, { finalizers: ['example.com/hold'] }));
    const marked = request('DELETE', DEFINITION);
    expect(marked.json.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    expect(conditionsOf(marked.json)[2]).toEqual(['Terminating', 'True', 'InstanceDeletionPending']);
    settle(harness);
    expect(request('GET', `${WIDGETS}/free`).status).toBe(404);
    const late = request('POST', WIDGETS, widget('late'));
    expect([late.status, late.json.message]).toEqual([
      403,
      'widgets.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
    ]);
    request('PATCH', `${WIDGETS}/held`, { metadata: { finalizers: null } }, MERGE);
    settle(harness);
    expect(request('GET', DEFINITION).status).toBe(404);
    expect(request('GET', WIDGETS).text).toBe('404 page not found\n');
  });

  it('refuses defaults that its schema does not take', () => {
    const { request } = createApiHarness();
    const wrong = { type: 'object', properties: { a: { type: 'string', default: 5 } } };
    const refused = request('POST', DEFINITIONS, definition({ schema: { openAPIV3Schema: wrong } }));
    expect(refused.json.message).toContain(
      'openAPIV3Schema.properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"',
    );
  });

  it('remembers every version that it was stored in', () => {
    const harness = harnessWithWidgets();
    const { request } = harness;
    const versions = [
      { ...VERSION, storage: false },
      { ...VERSION, name: 'v2', storage: true },
    ];
    request('POST', WIDGETS, widget('a', { color: 'red' }));
    expect(request('PATCH', DEFINITION, { spec: { versions } }, MERGE).json.status.storedVersions).toEqual([
      'v1',
      'v2',
    ]);
    settle(harness);
    const second = request('GET', '/apis/example.com/v2/namespaces/default/widgets/a').json;
    expect(second).toMatchObject({ apiVersion: 'example.com/v2', spec: { color: 'red', size: 1 } });
    expect(request('GET', `${WIDGETS}/a`).json.apiVersion).toBe('example.com/v1');
  });
});

describe('a custom resource', () => {
  it('is created with its defaults and without unknown fields', () => {
    const { request } = harnessWithWidgets();
    const created = request('POST', WIDGETS, widget('a', { color: 'red', bogus: 1 }));
    expect(created.status).toBe(201);
    expect(created.json.spec).toEqual({ color: 'red', size: 1 });
    expect(created.headers['warning']).toEqual(['299 - "unknown field \\"spec.bogus\\""']);
    expect(request('GET', `${WIDGETS}/a`).json).toEqual(created.json);
    const strict = request('POST', `${WIDGETS}?fieldValidation=Strict`, widget('b', { bogus: 1 }));
    expect(strict.json.message).toBe(
      'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.bogus"',
    );
  });

  it("is refused in upstream's words", () => {
    const { request } = harnessWithWidgets();
    const refused = request('POST', WIDGETS, widget('a', { color: 'green', size: 0 }));
    expect(refused.status).toBe(422);
    expect(refused.json.message).toBe(
      'Widget.example.com "a" is invalid: [spec.color: Unsupported value: "green": supported values: "red", "blue", ' +
        'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1]',
    );
  });

  it('keeps what was wrong before and has not changed', () => {
    const harness = harnessWithWidgets();
    const { request } = harness;
    request('POST', WIDGETS, widget('a', { size: 9 }));
    const tighter = structuredClone(VERSION) as Json;
    tighter.schema.openAPIV3Schema.properties.spec.properties.size.maximum = 5;
    request('PATCH', DEFINITION, { spec: { versions: [tighter] } }, MERGE);
    settle(harness);
    expect(request('PATCH', `${WIDGETS}/a`, { spec: { color: 'red' } }, MERGE).status).toBe(200);
    expect(request('PATCH', `${WIDGETS}/a`, { spec: { size: 8 } }, MERGE).status).toBe(422);
  });

  it('has a status and a scale of its own', () => {
    const scale = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.count' };
    const { request } = harnessWithWidgets({ subresources: { status: {}, scale } });
    const created = request('POST', WIDGETS, { ...widget('a'), status: { phase: 'Up' } });
    expect(created.json.status).toBeUndefined();
    const changed = request('PATCH', `${WIDGETS}/a/status`, { spec: { size: 7 }, status: { phase: 'Up' } }, MERGE).json;
    expect(changed).toMatchObject({ metadata: { generation: 1 }, spec: { size: 1 }, status: { phase: 'Up' } });
    expect(request('PATCH', `${WIDGETS}/a/scale`, { spec: { replicas: 3 } }, MERGE).json.spec).toEqual({ replicas: 3 });
    expect(request('GET', `${WIDGETS}/a`).json).toMatchObject({ metadata: { generation: 2 }, spec: { size: 3 } });
  });

  it('is applied by the keys of its lists', () => {
    const { request } = harnessWithWidgets();
    const apply = (manager: string, list: readonly object[]): Json =>
      request('PATCH', `${WIDGETS}/a?fieldManager=${manager}`, widget('a', { ports: list }), APPLY).json;
    apply('one', [{ name: 'http', port: 80 }]);
    expect(apply('two', [{ name: 'dns', port: 53 }]).spec.ports).toEqual([
      { name: 'http', port: 80 },
      { name: 'dns', port: 53 },
    ]);
    expect(apply('two', [{ name: 'http', port: 81 }]).message).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.ports[name="http"].port',
    );
    expect(apply('two', [{ name: 'x', nope: 1 } as object]).message).toBe(
      'failed to create typed patch object (/a; example.com/v1, Kind=Widget): .spec.ports[name="x"].nope: field not declared in schema',
    );
  });

  it('shows the columns of its definition, and can be selected by its fields', () => {
    const { request } = harnessWithWidgets({
      additionalPrinterColumns: [{ name: 'Color', type: 'string', jsonPath: '.spec.color' }],
      selectableFields: [{ jsonPath: '.spec.color' }],
    });
    request('POST', WIDGETS, widget('a', { color: 'red' }));
    request('POST', WIDGETS, widget('b', { color: 'blue' }));
    const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const { columnDefinitions, rows } = request(
      'GET',
      `${WIDGETS}?fieldSelector=spec.color=red`,
      undefined,
      table,
    ).json;
    expect(columnDefinitions.map(({ name }: { name: string }) => name)).toEqual(['Name', 'Color']);
    expect(rows.map(({ cells }: { cells: readonly unknown[] }) => cells)).toEqual([['a', 'red']]);
    expect(request('GET', `${WIDGETS}?fieldSelector=spec.size=1`).json.message).toBe(
      'field label not supported: spec.size',
    );
  });

  it('has no protobuf and no strategic merge', () => {
    const { request } = harnessWithWidgets();
    request('POST', WIDGETS, widget('a'));
    const protobuf = 'application/vnd.kubernetes.protobuf';
    expect(request('GET', `${WIDGETS}/a`, undefined, { accept: protobuf }).status).toBe(406);
    expect(request('GET', `${WIDGETS}/a`, undefined, { accept: `${protobuf},application/json` }).status).toBe(200);
    expect(request('POST', WIDGETS, 'k8s', { 'content-type': protobuf }).status).toBe(415);
    const strategic = { 'content-type': 'application/strategic-merge-patch+json' };
    expect(request('PATCH', `${WIDGETS}/a`, {}, strategic).status).toBe(415);
  });

  it('is watched until its definition changes', () => {
    const harness = harnessWithWidgets();
    const { request, server, loop } = harness;
    const lines: string[] = [];
    let isOver = false;
    const head = { method: 'GET', path: WIDGETS, query: 'watch=1', headers: {}, body: new Uint8Array() };
    server.handle({ ...head, user: { username: 'admin', groups: ['system:masters'] } } as never, {
      respond: () => undefined,
      stream: () => ({
        write: (chunk) => void lines.push(textCodec.decode(chunk)),
        end: () => {
          isOver = true;
        },
      }),
    });
    request('POST', WIDGETS, widget('a'));
    expect(JSON.parse(lines.join(''))).toMatchObject({ type: 'ADDED', object: { kind: 'Widget' } });
    request('PATCH', DEFINITION, { metadata: { labels: { a: 'b' } } }, MERGE);
    loop.run(loop.now, () => true);
    expect(isOver).toBe(false);
    request('PATCH', DEFINITION, { spec: { versions: [{ ...VERSION, deprecated: true }] } }, MERGE);
    loop.run(loop.now, () => true);
    expect(isOver).toBe(true);
  });
});

describe('discovery and OpenAPI', () => {
  it('tell of custom kinds as soon as they are served, and no longer', () => {
    const harness = harnessWithWidgets();
    const { request } = harness;
    expect(request('GET', '/apis/example.com/v1').json.resources).toEqual([
      {
        name: 'widgets',
        singularName: 'widget',
        namespaced: true,
        kind: 'Widget',
        verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
        shortNames: ['wd'],
        categories: ['all'],
        storageVersionHash: expect.any(String),
      },
    ]);
    const schemas = request('GET', '/openapi/v3/apis/example.com/v1').json.components.schemas;
    expect(schemas['com.example.v1.Widget'].properties.spec.properties.color.enum).toEqual(['red', 'blue']);
    expect(schemas['com.example.v1.Widget']['x-kubernetes-group-version-kind']).toEqual([
      { group: 'example.com', kind: 'Widget', version: 'v1' },
    ]);
    expect(request('GET', '/openapi/v3').json.paths).toHaveProperty(['apis/example.com/v1']);
    request('DELETE', DEFINITION);
    settle(harness);
    expect(request('GET', '/apis/example.com/v1').status).toBe(404);
    expect(request('GET', '/openapi/v3').json.paths).not.toHaveProperty(['apis/example.com/v1']);
  });

  it('are one for all clusters with the same definitions', () => {
    const shared = new SharedParts(kinds, textCodec);
    const [one, other] = [harnessWithWidgets({}, {}, { shared }), harnessWithWidgets({}, {}, { shared })];
    expect(one.server.registry.ownKinds()).toHaveLength(1);
    expect(one.server.registry.ownKinds()[0]).toBe(other.server.registry.ownKinds()[0]);
    expect(shared.documents.of(one.server.registry)).toBe(shared.documents.of(other.server.registry));
  });
});

describe('a server over a store that is loaded again', () => {
  it('serves what was defined before the first request, and has nothing to do', () => {
    const { store, loop, request } = harnessWithWidgets();
    request('POST', WIDGETS, widget('a'));
    loop.run(loop.now, () => true);
    const { revision } = store;
    const again = new ApiServer({ store, simulation: loop, kinds, text: textCodec });
    const [kind] = again.registry.ownKinds();
    expect(kind).toMatchObject({ group: 'example.com', kind: 'Widget' });
    expect(again.resources.get(kind!, 'default/a')).toMatchObject({ spec: { size: 1 } });
    loop.run(loop.now, () => true);
    expect(store.revision).toBe(revision);
  });
});

describe('controllers', () => {
  function worldWithWidgets() {
    const world = new ControllerWorld({ nodes: [] });
    world.harness.request('POST', DEFINITIONS, definition());
    world.run(1);
    return { world, request: world.harness.request };
  }

  it('collect custom resources with their owners', () => {
    const { world, request } = worldWithWidgets();
    const { uid } = request('POST', WIDGETS, widget('owner')).json.metadata;
    const ownerReferences = [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'owner', uid }];
    request('POST', WIDGETS, widget('owned', {}, { ownerReferences }));
    const settings = { metadata: { name: 'settings', ownerReferences } };
    request('POST', '/api/v1/namespaces/default/configmaps', settings);
    world.run(1);
    expect(request('GET', `${WIDGETS}/owned`).status).toBe(200);
    request('DELETE', `${WIDGETS}/owner`);
    world.run(5);
    expect(request('GET', `${WIDGETS}/owned`).status).toBe(404);
    expect(request('GET', '/api/v1/namespaces/default/configmaps/settings').status).toBe(404);
  });

  it('empty a namespace of custom resources before it goes', () => {
    const { world, request } = worldWithWidgets();
    request('POST', '/api/v1/namespaces', { metadata: { name: 'team' } });
    const widgets = '/apis/example.com/v1/namespaces/team/widgets';
    request('POST', widgets, widget('a'));
    request('POST', widgets, widget('held', {}, { finalizers: ['example.com/hold'] }));
    request('DELETE', '/api/v1/namespaces/team');
    world.run(5);
    expect(request('GET', `${widgets}/a`).status).toBe(404);
    const remaining = request('GET', '/api/v1/namespaces/team').json.status.conditions.map(
      ({ message }: { message: string }) => message,
    );
    expect(remaining).toContain('Some resources are remaining: widgets.example.com has 1 resource instances');
    request('PATCH', `${widgets}/held`, { metadata: { finalizers: null } }, MERGE);
    world.run(5);
    expect(request('GET', '/api/v1/namespaces/team').status).toBe(404);
  });
});
