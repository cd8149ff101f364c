import { type Json } from '../../../../../test/support/engine-harness.js';
import { patchOf, rulesFor, webhookHarness, type WebhookAnswer } from '../../../../../test/support/webhook-harness.js';

const PODS = '/api/v1/namespaces/default/pods';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const POD = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const TEMPLATE = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
const DEPLOYMENT = {
  metadata: { name: 'd' },
  spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: TEMPLATE },
};

/** A cluster with a pod, a deployment and a node, one webhook that mutates and one that validates what is done to `resources`. */
function clusterWith(
  resources: readonly string[],
  mutate: WebhookAnswer = () => ({ allowed: true }),
  validate: WebhookAnswer = () => ({ allowed: true }),
  apiGroups?: string[],
) {
  const harness = webhookHarness({ mutate, validate });
  const { request, configure } = harness;
  expect(request('POST', PODS, POD).status).toBe(201);
  expect(request('POST', DEPLOYMENTS, DEPLOYMENT).status).toBe(201);
  expect(request('POST', '/api/v1/nodes', { metadata: { name: 'n' } }).status).toBe(201);
  configure('Mutating', ['mutate'], rulesFor(resources, apiGroups));
  configure('Validating', ['validate'], rulesFor(resources, apiGroups));
  return harness;
}

const gvk = (group: string, version: string, kind: string) => ({ group, version, kind });
const gvr = (group: string, version: string, resource: string) => ({ group, version, resource });

describe('a connection', () => {
  it.each<readonly [string, string, object]>([
    [
      'pods/exec',
      `${PODS}/p/exec?command=sh&command=-c&stdin=1&tty=true&container=c&stdout=false`,
      { kind: 'PodExecOptions', apiVersion: 'v1', stdin: true, tty: true, container: 'c', command: ['sh', '-c'] },
    ],
    ['pods/attach', `${PODS}/p/attach?stdout=1`, { kind: 'PodAttachOptions', apiVersion: 'v1', stdout: true }],
    [
      'pods/portforward',
      `${PODS}/p/portforward?ports=80&ports=443`,
      { kind: 'PodPortForwardOptions', apiVersion: 'v1', ports: [80, 443] },
    ],
    ['pods/proxy', `${PODS}/p/proxy/a/b/`, { kind: 'PodProxyOptions', apiVersion: 'v1', path: '/a/b/' }],
    [
      'services/proxy',
      '/api/v1/namespaces/default/services/s/proxy/x',
      { kind: 'ServiceProxyOptions', apiVersion: 'v1', path: '/x' },
    ],
    ['nodes/proxy', '/api/v1/nodes/n/proxy/healthz', { kind: 'NodeProxyOptions', apiVersion: 'v1', path: '/healthz' }],
  ])('to %s is asked about before it is made', (resource, path, options) => {
    const { request, records } = clusterWith([resource], undefined, () => ({
      allowed: false,
      status: { message: 'no entry' },
    }));
    const isRead = path.includes('/proxy');
    const answer = request(isRead ? 'GET' : 'POST', path);
    expect([answer.status, answer.json.message]).toEqual([
      400,
      'admission webhook "validate.example.com" denied the request: no entry',
    ]);
    const [plural = '', subResource] = resource.split('/');
    const { kind } = options as { readonly kind: string };
    expect(records.map(({ path: hook }) => hook)).toEqual(['mutate', 'validate']);
    expect(records[1]?.request).toMatchObject({
      operation: 'CONNECT',
      kind: gvk('', 'v1', kind),
      requestKind: gvk('', 'v1', kind),
      resource: gvr('', 'v1', plural),
      subResource,
      object: options,
      oldObject: null,
      options: null,
      dryRun: false,
    });
    expect(records[1]?.request.object).toEqual(options);
  });

  it('that is let through is made as webhooks left it', () => {
    const { request, asked } = clusterWith(['pods/exec'], () =>
      patchOf([{ op: 'add', path: '/container', value: 'other' }]),
    );
    expect(request('POST', `${PODS}/p/exec?command=sh`).json.message).toBe('container other is not valid for pod p');
    expect(asked).toEqual(['mutate', 'validate']);
  });

  it('is refused before anybody is asked where it makes no sense', () => {
    const { request, asked } = clusterWith(['pods/*']);
    expect(request('POST', `${PODS}/none/portforward?ports=x`).json.message).toBe(
      'cannot convert to []int32: strconv.ParseUint: parsing "x": invalid syntax',
    );
    expect(request('POST', `${PODS}/p/exec?dryRun=All`).json.message).toBe('dryRun is not supported');
    expect(asked).toEqual([]);
  });
});

describe('an eviction', () => {
  const evict = { metadata: { name: 'p' }, deleteOptions: { gracePeriodSeconds: 0 } };

  it('is judged as such, and the deletion that comes of it is not', () => {
    const { request, records } = clusterWith(['pods', 'pods/eviction']);
    expect(request('POST', `${PODS}/p/eviction`, evict).status).toBe(201);
    expect(records.map(({ request: { operation, kind, name } }) => [operation, kind.kind, name])).toEqual([
      ['CREATE', 'Eviction', 'p'],
      ['CREATE', 'Eviction', 'p'],
    ]);
    expect(records[1]?.request).toMatchObject({
      kind: gvk('policy', 'v1', 'Eviction'),
      resource: gvr('', 'v1', 'pods'),
      object: { metadata: { name: 'p', namespace: 'default' }, deleteOptions: { gracePeriodSeconds: 0 } },
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    });
  });

  it('that is refused leaves the pod', () => {
    const { request } = clusterWith(['pods/eviction'], undefined, () => ({ allowed: false }));
    expect(request('POST', `${PODS}/p/eviction`, evict).status).toBe(400);
    expect(request('GET', `${PODS}/p`).json.status.conditions).toBeUndefined();
  });

  it('is checked before validating webhooks see it, and after mutating ones', () => {
    const { request, asked } = clusterWith(['pods/eviction']);
    expect(request('POST', `${PODS}/p/eviction`, { metadata: { name: 'q' } }).status).toBe(400);
    expect(asked).toEqual(['mutate']);
  });
});

describe('what is posted to another subresource', () => {
  it('is shown as a Binding', () => {
    const { request, records } = clusterWith(['pods/binding'], () =>
      patchOf([{ op: 'add', path: '/metadata/annotations', value: { by: 'hook' } }]),
    );
    const target = { kind: 'Node', name: 'n' };
    expect(request('POST', `${PODS}/p/binding`, { metadata: { name: 'p' }, target }).status).toBe(201);
    expect(records[1]?.request).toMatchObject({
      kind: gvk('', 'v1', 'Binding'),
      subResource: 'binding',
      object: { metadata: { annotations: { by: 'hook' } }, target },
    });
    expect(request('GET', `${PODS}/p`).json.metadata.annotations).toEqual({ by: 'hook' });
  });

  it('is the resource itself where a pod is bound in the old way', () => {
    const { request, records } = clusterWith(['bindings', 'pods/binding']);
    const body = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } };
    expect(request('POST', '/api/v1/namespaces/default/bindings', body).status).toBe(201);
    expect(records[0]?.request).toMatchObject({ resource: gvr('', 'v1', 'bindings'), name: 'p' });
    expect(records[0]?.request).not.toHaveProperty('subResource');
  });
});

describe('a scale', () => {
  const scaled = { metadata: { name: 'd' }, spec: { replicas: 3 } };

  it('is shown as such, old and new', () => {
    const { request, records } = clusterWith(['deployments/scale'], undefined, undefined, ['apps']);
    expect(request('PUT', `${DEPLOYMENTS}/d/scale`, scaled).json.spec).toEqual({ replicas: 3 });
    expect(records[1]?.request).toMatchObject({
      operation: 'UPDATE',
      kind: gvk('autoscaling', 'v1', 'Scale'),
      resource: gvr('apps', 'v1', 'deployments'),
      object: { kind: 'Scale', spec: { replicas: 3 } },
      oldObject: { kind: 'Scale', spec: { replicas: 1 } },
    });
  });

  it('is changed by a webhook, and with it the object', () => {
    const { request } = clusterWith(
      ['deployments/scale'],
      () => patchOf([{ op: 'replace', path: '/spec/replicas', value: 2 }]),
      undefined,
      ['apps'],
    );
    expect(request('PATCH', `${DEPLOYMENTS}/d/scale`, { spec: { replicas: 5 } }, MERGE).json.spec).toEqual({
      replicas: 2,
    });
    expect(request('GET', `${DEPLOYMENTS}/d`).json.spec.replicas).toBe(2);
  });
});

const MERGE = { 'content-type': 'application/merge-patch+json' };

describe('a status', () => {
  it('is asked about by its own name only, and shown with the whole object', () => {
    const { request, asked } = clusterWith(['deployments'], undefined, undefined, ['apps']);
    request('PATCH', `${DEPLOYMENTS}/d/status`, { status: { replicas: 1 } }, MERGE);
    expect(asked).toEqual([]);
    const other = clusterWith(['deployments/status'], undefined, undefined, ['apps']);
    other.request(
      'PATCH',
      `${DEPLOYMENTS}/d/status?fieldManager=me&fieldValidation=Strict`,
      { status: { replicas: 1 } },
      MERGE,
    );
    const { kind, subResource, object, options }: Json = other.records[1]!.request;
    expect([kind.kind, subResource, object.spec.replicas, object.status]).toEqual([
      'Deployment',
      'status',
      1,
      { replicas: 1 },
    ]);
    expect(options).toEqual({
      kind: 'UpdateOptions',
      apiVersion: 'meta.k8s.io/v1',
      fieldManager: 'me',
      fieldValidation: 'Strict',
    });
  });
});

describe('deletion', () => {
  it('of a collection is asked about for each object, which is shown as the old one', () => {
    const { request, records } = clusterWith(['pods']);
    request('POST', PODS, { ...POD, metadata: { name: 'q' } });
    records.length = 0;
    request('DELETE', `${PODS}?propagationPolicy=Background`);
    const seen = records.map(({ path, request: { operation, name, object, oldObject } }) => [
      path,
      operation,
      name,
      object,
      oldObject.metadata.name,
    ]);
    expect(seen).toEqual([
      ['mutate', 'DELETE', undefined, null, 'p'],
      ['validate', 'DELETE', undefined, null, 'p'],
      ['mutate', 'DELETE', undefined, null, 'q'],
      ['validate', 'DELETE', undefined, null, 'q'],
    ]);
    expect(records[0]?.request.options).toEqual({
      kind: 'DeleteOptions',
      apiVersion: 'meta.k8s.io/v1',
      propagationPolicy: 'Background',
    });
  });

  it('is told of with its options, whatever they say they are', () => {
    const { request, records } = clusterWith(['pods']);
    const preconditions = { uid: request('GET', `${PODS}/p`).json.metadata.uid as string };
    request('DELETE', `${PODS}/p`, { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, preconditions });
    expect(records[0]?.request.options).toEqual({
      kind: 'DeleteOptions',
      apiVersion: 'meta.k8s.io/v1',
      gracePeriodSeconds: 0,
      preconditions,
    });
  });

  it('stops at the first object that may not go', () => {
    const { request } = clusterWith(['pods'], undefined, ({ operation, oldObject }) => ({
      allowed: operation !== 'DELETE' || oldObject.metadata.name === 'p',
    }));
    request('POST', PODS, { ...POD, metadata: { name: 'q' } });
    expect(request('DELETE', `${PODS}?gracePeriodSeconds=0`).status).toBe(400);
    expect(request('GET', PODS).json.items.map((each: Json) => each.metadata.name)).toEqual(['q']);
  });
});
