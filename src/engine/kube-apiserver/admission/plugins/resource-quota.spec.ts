import { createApiHarness } from '../../../../../test/support/engine-harness.js';

const NAMESPACE = '/api/v1/namespaces/default';
const CIDRS = '/apis/networking.k8s.io/v1/servicecidrs';
const MERGE = { 'content-type': 'application/merge-patch+json' };

/** A server with one quota, of which nothing is used. */
function serverWith(hard: Readonly<Record<string, string>>, spec: object = {}) {
  const harness = createApiHarness();
  const { request } = harness;
  const quota = `${NAMESPACE}/resourcequotas`;
  expect(request('POST', quota, { metadata: { name: 'q' }, spec: { hard, ...spec } }).status).toBe(201);
  const none = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
  request('PATCH', `${quota}/q/status`, { status: { hard, used: none } }, MERGE);
  const used = (): unknown => request('GET', `${quota}/q`).json.status.used;
  const create = (path: string, body: object): string | undefined =>
    request('POST', path.startsWith('/') ? path : `${NAMESPACE}/${path}`, body).json.message;
  return { ...harness, create, used };
}

const exceeded = (object: string, what: string): string => `${object} is forbidden: exceeded quota: q, ${what}`;
const pod = (name: string, resources: object = {}, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', resources }], ...spec },
});

describe('a quota', () => {
  it('counts requests and limits, and what is not to be counted must be said', () => {
    const { create, used } = serverWith({ 'requests.cpu': '1', 'limits.memory': '1Gi', pods: '3' });
    expect(create('pods', pod('silent'))).toBe(
      'pods "silent" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c',
    );
    const resources = { requests: { cpu: '600m' }, limits: { memory: '512Mi' } };
    expect(create('pods', pod('a', resources))).toBeUndefined();
    expect(create('pods', pod('b', resources))).toBe(
      exceeded('pods "b"', 'requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1'),
    );
    expect(used()).toEqual({ 'requests.cpu': '600m', 'limits.memory': '512Mi', pods: '1' });
  });

  it('names a pod by its generated name', () => {
    const { create } = serverWith({ pods: '0' });
    expect(create('pods', { ...pod(''), metadata: { generateName: 'web-' } })).toMatch(
      /^pods "web-.{5}" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0$/,
    );
  });

  it.each<readonly [string, object, object, object]>([
    [
      'of priority classes',
      { operator: 'In', scopeName: 'PriorityClass', values: ['high'] },
      { priorityClassName: 'high' },
      {},
    ],
    ['of any priority class', { operator: 'Exists', scopeName: 'PriorityClass' }, { priorityClassName: 'high' }, {}],
    [
      'of no priority class',
      { operator: 'DoesNotExist', scopeName: 'PriorityClass' },
      {},
      { priorityClassName: 'high' },
    ],
    ['of what ends', { operator: 'Exists', scopeName: 'Terminating' }, { activeDeadlineSeconds: 5 }, {}],
    ['of what does not', { operator: 'Exists', scopeName: 'NotTerminating' }, {}, { activeDeadlineSeconds: 5 }],
    [
      'of affinity across namespaces',
      { operator: 'Exists', scopeName: 'CrossNamespacePodAffinity' },
      {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: 'zone', namespaces: ['other'], labelSelector: { matchLabels: { a: 'b' } } },
            ],
          },
        },
      },
      {},
    ],
  ])('%s is about these alone', (_what, scope, inside, outside) => {
    const { request, create } = serverWith({ pods: '0' }, { scopeSelector: { matchExpressions: [scope] } });
    request('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'high' }, value: 10 });
    expect(create('pods', pod('out', {}, outside))).toBeUndefined();
    expect(create('pods', pod('in', {}, inside))).toMatch(/exceeded quota: q/);
  });

  it.each([
    ['BestEffort', {}, { requests: { cpu: '1' } }],
    ['NotBestEffort', { requests: { cpu: '1' } }, {}],
  ])('of %s', (scope, inside, outside) => {
    const { create } = serverWith({ pods: '0' }, { scopes: [scope] });
    expect(create('pods', pod('out', outside))).toBeUndefined();
    expect(create('pods', pod('in', inside))).toMatch(/exceeded quota: q/);
  });

  it('of storage counts all of it and that of each class', () => {
    const suffix = 'fast.storageclass.storage.k8s.io';
    const { create, used } = serverWith({
      persistentvolumeclaims: '3',
      'requests.storage': '10Gi',
      [`${suffix}/persistentvolumeclaims`]: '2',
      [`${suffix}/requests.storage`]: '5Gi',
    });
    const claim = (name: string, storage: string, storageClassName: string) => ({
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage } } },
    });
    expect(create('persistentvolumeclaims', claim('a', '4Gi', 'fast'))).toBeUndefined();
    expect(create('persistentvolumeclaims', claim('b', '5Gi', 'slow'))).toBeUndefined();
    expect(create('persistentvolumeclaims', claim('c', '2Gi', 'fast'))).toBe(
      exceeded(
        'persistentvolumeclaims "c"',
        `requested: ${suffix}/requests.storage=2Gi,requests.storage=2Gi, used: ${suffix}/requests.storage=4Gi,requests.storage=9Gi, limited: ${suffix}/requests.storage=5Gi,requests.storage=10Gi`,
      ),
    );
    expect(used()).toEqual({
      persistentvolumeclaims: '2',
      'requests.storage': '9Gi',
      [`${suffix}/persistentvolumeclaims`]: '1',
      [`${suffix}/requests.storage`]: '4Gi',
    });
  });

  it('of services counts their kinds and ports, also when they change', () => {
    const hard = { services: '3', 'services.nodeports': '3', 'services.loadbalancers': '0' };
    const { create, request, used } = serverWith(hard);
    const cidr = { metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/16'] } };
    request('POST', CIDRS, cidr);
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
    request('PATCH', `${CIDRS}/kubernetes/status`, { status: { conditions } }, MERGE);
    const service = (name: string, type: string, ports: readonly number[], more: object = {}) => ({
      metadata: { name },
      spec: { type, ports: ports.map((port) => ({ name: `p${port}`, port })), selector: { a: 'b' }, ...more },
    });
    expect(create('services', service('a', 'ClusterIP', [1, 2]))).toBeUndefined();
    expect(create('services', service('b', 'NodePort', [1, 2]))).toBeUndefined();
    expect(used()).toEqual({ services: '2', 'services.nodeports': '2', 'services.loadbalancers': '0' });
    expect(create('services', service('c', 'LoadBalancer', [1]))).toBe(
      exceeded(
        'services "c"',
        'requested: services.loadbalancers=1, used: services.loadbalancers=0, limited: services.loadbalancers=0',
      ),
    );
    const changed = request('PATCH', `${NAMESPACE}/services/a`, { spec: { type: 'NodePort' } }, MERGE);
    expect(changed.json.message).toBe(
      exceeded(
        'services "a"',
        'requested: services.nodeports=2, used: services.nodeports=2, limited: services.nodeports=3',
      ),
    );
  });

  it('counts objects of every kind, roles and custom resources among them', () => {
    const hard = {
      'count/roles.rbac.authorization.k8s.io': '1',
      'count/widgets.example.com': '1',
      'count/leases.coordination.k8s.io': '0',
    };
    const { create, request, loop, used } = serverWith(hard);
    const schema = { openAPIV3Schema: { type: 'object' } };
    request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        names: { plural: 'widgets', kind: 'Widget' },
        scope: 'Namespaced',
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    loop.run(loop.now, () => true);
    const widgets = '/apis/example.com/v1/namespaces/default/widgets';
    const widget = (name: string) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name } });
    expect(create(widgets, widget('a'))).toBeUndefined();
    expect(create(widgets, widget('b'))).toBe(
      exceeded(
        'widgets.example.com "b"',
        'requested: count/widgets.example.com=1, used: count/widgets.example.com=1, limited: count/widgets.example.com=1',
      ),
    );
    const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
    expect(create(roles, { metadata: { name: 'a' } })).toBeUndefined();
    expect(create(roles, { metadata: { name: 'b' } })).toMatch(/exceeded quota: q, requested: count\/roles/);
    expect(create('/apis/coordination.k8s.io/v1/namespaces/default/leases', { metadata: { name: 'a' } })).toMatch(
      /exceeded quota: q, requested: count\/leases/,
    );
    expect(used()).toEqual({ ...hard });
  });

  it('whose usage is not known yet lets nothing in', () => {
    const { request } = createApiHarness();
    request('POST', `${NAMESPACE}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard: { pods: '1' } } });
    expect(request('POST', `${NAMESPACE}/pods`, pod('p')).status).toBe(201);
    request('PATCH', `${NAMESPACE}/resourcequotas/q/status`, { status: { hard: { pods: '1' } } }, MERGE);
    expect(request('POST', `${NAMESPACE}/pods`, pod('r')).json.message).toBe(
      'pods "r" is forbidden: status unknown for quota: q, resources: pods',
    );
  });
});
