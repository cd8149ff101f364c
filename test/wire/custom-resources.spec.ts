import { createApiHarness } from '../support/engine-harness.js';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer', minimum: 1, default: 1 },
        color: { type: 'string', enum: ['red', 'blue'] },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, port: { type: 'integer' } },
          },
        },
      },
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
};

const definition = (version: object = {}, spec: object = {}) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
    ...spec,
  },
});

const widget = (name: string, spec: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
});

function harnessWithWidgets(version: object = {}, spec: object = {}) {
  const harness = createApiHarness();
  const created = harness.request('POST', DEFINITIONS, definition(version, spec));
  expect(created.status).toBe(201);
  settle(harness);
  return harness;
}

const settle = ({ loop }: ReturnType<typeof createApiHarness>): void => {
  loop.run(loop.now, () => true);
};

describe('a CustomResourceDefinition', () => {
  it('is established and served at once', () => {
    const { request } = harnessWithWidgets();
    const { status } = request('GET', `${DEFINITIONS}/widgets.example.com`).json;
    expect(status.conditions.map((each: { type: string; status: string }) => [each.type, each.status])).toEqual([
      ['NamesAccepted', 'True'],
      ['Established', 'True'],
    ]);
    expect(status.acceptedNames).toMatchObject({ plural: 'widgets', kind: 'Widget', listKind: 'WidgetList' });
    expect(request('GET', WIDGETS).json).toMatchObject({ kind: 'WidgetList', items: [] });
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
});

describe('a definition that is deleted', () => {
  it('goes after its instances', () => {
    const harness = harnessWithWidgets();
    const { request } = harness;
    request('POST', WIDGETS, widget('free'));
    request('POST', WIDGETS, { ...widget('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    const marked = request('DELETE', `${DEFINITIONS}/widgets.example.com`);
    expect(marked.json.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
    expect(marked.json.status.conditions[2]).toMatchObject({ type: 'Terminating', reason: 'InstanceDeletionPending' });
    settle(harness);
    expect(request('GET', `${WIDGETS}/free`).status).toBe(404);
    const late = request('POST', WIDGETS, widget('late'));
    expect([late.status, late.json.message]).toEqual([
      403,
      'widgets.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
    ]);
    const released = { metadata: { finalizers: null } };
    request('PATCH', `${WIDGETS}/held`, released, { 'content-type': 'application/merge-patch+json' });
    settle(harness);
    expect(request('GET', `${DEFINITIONS}/widgets.example.com`).status).toBe(404);
    expect(request('GET', WIDGETS).text).toBe('404 page not found\n');
  });
});
