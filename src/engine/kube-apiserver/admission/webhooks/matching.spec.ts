import type { Json } from '../../../../../test/support/engine-harness.js';
import {
  configMapOf,
  CONFIG_MAPS,
  patchOf,
  rulesFor,
  webhookHarness,
} from '../../../../../test/support/webhook-harness.js';

const NAMESPACES = '/api/v1/namespaces';
const MERGE = { 'content-type': 'application/merge-patch+json' };

/** A server whose webhook agrees to all; what it is asked is kept. */
function asking(more: object, kind: 'Mutating' | 'Validating' = 'Validating') {
  const harness = webhookHarness({});
  harness.configure(kind, ['a'], more);
  const names = (): readonly string[] => harness.records.map(({ request }) => request.name as string);
  return { ...harness, names };
}

describe('a webhook that names one version of a resource', () => {
  const PATH = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
  const metrics = [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
  ];
  const scaler = {
    metadata: { name: 'h' },
    spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, metrics },
  };
  const rules = rulesFor(['horizontalpodautoscalers'], ['autoscaling'], ['v1']);

  it('is shown the others in that version', () => {
    const { request, records } = asking({ ...rules, matchPolicy: 'Equivalent' });
    expect(request('POST', PATH, scaler).status).toBe(201);
    request('PATCH', `${PATH}/h`, { spec: { maxReplicas: 4 } }, MERGE);
    const of = (version: string) => ({ group: 'autoscaling', version });
    expect(records.map(({ request: each }) => each)).toMatchObject([
      {
        kind: { ...of('v1'), kind: 'HorizontalPodAutoscaler' },
        resource: { ...of('v1'), resource: 'horizontalpodautoscalers' },
        requestKind: { ...of('v2'), kind: 'HorizontalPodAutoscaler' },
        requestResource: { ...of('v2'), resource: 'horizontalpodautoscalers' },
        object: { apiVersion: 'autoscaling/v1', spec: { targetCPUUtilizationPercentage: 50 } },
        oldObject: null,
      },
      {
        object: { apiVersion: 'autoscaling/v1', spec: { maxReplicas: 4 } },
        oldObject: { apiVersion: 'autoscaling/v1', spec: { maxReplicas: 3 } },
      },
    ]);
    expect(records[0]?.request.object.spec).not.toHaveProperty('metrics');
  });

  it('is not asked about them where it means that version exactly', () => {
    const { request, asked } = asking({ ...rules, matchPolicy: 'Exact' });
    expect(request('POST', PATH, scaler).status).toBe(201);
    expect(asked).toEqual([]);
  });

  it('changes them in that version', () => {
    const { request, configure } = webhookHarness({
      a: () => patchOf([{ op: 'replace', path: '/spec/targetCPUUtilizationPercentage', value: 70 }]),
    });
    configure('Mutating', ['a'], rules);
    const { json } = request('POST', PATH, scaler);
    expect([json.apiVersion, json.spec.metrics[0].resource.target.averageUtilization]).toEqual(['autoscaling/v2', 70]);
  });
});

describe('a webhook that selects by labels', () => {
  it('of the object is asked as long as the old or the new one has them', () => {
    const { request, asked } = asking({ objectSelector: { matchLabels: { a: '1' } } });
    const labelled = (labels?: object) => ({ metadata: { labels: labels ?? { a: null } } });
    request('POST', CONFIG_MAPS, configMapOf());
    expect(asked).toHaveLength(0);
    request('PATCH', `${CONFIG_MAPS}/m`, labelled({ a: '1' }), MERGE);
    expect(asked).toHaveLength(1);
    request('PATCH', `${CONFIG_MAPS}/m`, labelled(), MERGE);
    expect(asked).toHaveLength(2);
    request('PATCH', `${CONFIG_MAPS}/m`, { data: { b: '2' } }, MERGE);
    expect(asked).toHaveLength(2);
    request('PATCH', `${CONFIG_MAPS}/m`, labelled({ a: '1' }), MERGE);
    request('DELETE', `${CONFIG_MAPS}/m`);
    expect(asked).toHaveLength(4);
  });

  it('of the namespace is asked where that has them, and always about what is in none', () => {
    const { request, names } = asking({
      ...rulesFor(['configmaps', 'nodes']),
      namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['red'] }] },
    });
    request('POST', NAMESPACES, { metadata: { name: 'red', labels: { team: 'red' } } });
    request('POST', `${NAMESPACES}/red/configmaps`, { metadata: { name: 'in-red' } });
    request('POST', CONFIG_MAPS, { metadata: { name: 'in-default' } });
    request('POST', '/api/v1/nodes', { metadata: { name: 'n' } });
    expect(names()).toEqual(['in-red', 'n']);
  });

  it('of a namespace itself looks at what is written, and at what is stored for the rest', () => {
    const { request, records } = asking({
      ...rulesFor(['namespaces', 'namespaces/*']),
      namespaceSelector: { matchLabels: { team: 'red' } },
    });
    const seen = (): readonly unknown[] =>
      records.map(({ request: { operation, subResource } }) => [operation, subResource]);
    request('POST', NAMESPACES, { metadata: { name: 'n' } });
    expect(seen()).toEqual([]);
    request('PATCH', `${NAMESPACES}/n`, { metadata: { labels: { team: 'red' } } }, MERGE);
    request('PATCH', `${NAMESPACES}/n/status`, { metadata: { labels: { team: 'blue' } } }, MERGE);
    expect(seen()).toEqual([
      ['UPDATE', undefined],
      ['UPDATE', 'status'],
    ]);
    request('PATCH', `${NAMESPACES}/n/status`, { status: { phase: 'Active' } }, MERGE);
    expect(seen()).toHaveLength(2);
  });

  it('of a namespace that is not there answers so', () => {
    const { request } = asking({ ...rulesFor(['pods/exec']), namespaceSelector: { matchLabels: { a: '1' } } });
    const { status, json } = request('POST', '/api/v1/namespaces/none/pods/p/exec?command=sh');
    expect([status, json.message]).toEqual([404, 'namespaces "none" not found']);
  });
});

describe('a webhook that is for one scope', () => {
  it.each([
    ['Namespaced', ['m']],
    ['Cluster', ['n', 'node']],
    ['*', ['n', 'node', 'm']],
  ])('%s', (scope, expected) => {
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['*'], scope }];
    const { request, names } = asking({ rules });
    request('POST', NAMESPACES, { metadata: { name: 'n' } });
    request('POST', '/api/v1/nodes', { metadata: { name: 'node' } });
    request('POST', CONFIG_MAPS, configMapOf());
    expect(names()).toEqual(expected);
  });
});

describe('conditions', () => {
  const conditions = (...expressions: readonly string[]) => ({
    matchConditions: expressions.map((expression, index) => ({ name: `c${index}`, expression })),
  });
  const create = (more: object, path = CONFIG_MAPS): { readonly isAsked: boolean; readonly json: Json } => {
    const { request, asked } = asking(more);
    const { json } = request('POST', path, configMapOf());
    return { isAsked: asked.length > 0, json };
  };

  it.each([
    ["request.operation == 'CREATE' && request.kind.kind == 'ConfigMap'", true],
    ["request.namespace == 'default' && request.resource.resource == 'configmaps' && request.name == 'm'", true],
    ["request.options.fieldManager == 'me'", true],
    ['oldObject == null && namespaceObject == null', true],
    ["authorizer.group('').resource('secrets').check('get').allowed()", true],
    ["request.userInfo.username.startsWith('system:')", false],
  ])('see a request: %s', (expression, isAsked) => {
    expect(create(conditions(expression), `${CONFIG_MAPS}?fieldManager=me`).isAsked).toBe(isAsked);
  });

  it('that do not hold settle it, whatever cannot be told of the others', () => {
    const { isAsked, json } = create(conditions('object.data.none == "x"', 'false'));
    expect([isAsked, json.kind]).toEqual([false, 'ConfigMap']);
  });

  it('that cannot be evaluated refuse, all named, or leave the webhook out', () => {
    const faulty = conditions('object.data.x == "1"', 'true', 'object.data.y == "1"');
    expect(create(faulty)).toMatchObject({
      isAsked: false,
      json: {
        code: 403,
        message: `configmaps "m" is forbidden: [expression 'object.data.x == "1"' resulted in error: no such key: x, expression 'object.data.y == "1"' resulted in error: no such key: y]`,
      },
    });
    expect(create({ ...faulty, failurePolicy: 'Ignore' })).toMatchObject({
      isAsked: false,
      json: { kind: 'ConfigMap' },
    });
  });
});

it('a generated name is known to webhooks that validate, and not yet to those that mutate', () => {
  const { request, configure, records } = webhookHarness({});
  configure('Mutating', ['a']);
  configure('Validating', ['b']);
  const { name } = request('POST', CONFIG_MAPS, { metadata: { generateName: 'm-' } }).json.metadata;
  expect(name).toMatch(/^m-.{5}$/);
  expect(records.map(({ request: each }) => [each.name, each.object.metadata.name])).toEqual([
    [undefined, undefined],
    [name, name],
  ]);
});

it('a dry run is told to webhooks without effects, and refused where there may be some', () => {
  const { request, configure, records } = webhookHarness({});
  configure('Validating', ['a'], { sideEffects: 'None' });
  expect(request('POST', `${CONFIG_MAPS}?dryRun=All`, configMapOf()).status).toBe(201);
  expect(records[0]?.request).toMatchObject({ dryRun: true, options: { dryRun: ['All'] } });
});

it('reviews are shown as what they ask', () => {
  const rules = rulesFor(['*'], ['authorization.k8s.io']);
  const { request, records } = asking(rules);
  const spec = { user: 'ann', resourceAttributes: { verb: 'get', resource: 'pods' } };
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  expect(request('POST', path, { spec }).json.status).toMatchObject({ allowed: false });
  expect(records[0]?.request).toMatchObject({ kind: { kind: 'SubjectAccessReview' }, object: { spec } });
  expect(records[0]?.request.object.status).toEqual({ allowed: false });
  expect(request('POST', path, { spec: {} }).status).toBe(422);
  expect(records).toHaveLength(1);
});
