import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { HarnessAnswer, Json } from '../../../../test/support/engine-harness.js';
import { pod } from '../../kinds/pod.js';
import { resourceQuota } from '../../kinds/resource-quota.js';

const CORE = '/api/v1/namespaces/default';

function worldWith(hard: Json, spec: Json = {}): ControllerWorld {
  const world = new ControllerWorld();
  quota(world, 'q', hard, spec);
  world.run(1);
  return world;
}

const quota = (world: ControllerWorld, name: string, hard: Json, spec: Json = {}): HarnessAnswer =>
  world.harness.request('POST', `${CORE}/resourcequotas`, { metadata: { name }, spec: { hard, ...spec } });
const usedOf = (world: ControllerWorld, name = 'q'): Json =>
  world.client.get(resourceQuota, `default/${name}`)?.status?.used;

function create(world: ControllerWorld, name: string, resources: Json = {}, spec: Json = {}): HarnessAnswer {
  const containers = [{ name: 'app', image: 'registry.example/app:1', resources }];
  return world.harness.request('POST', `${CORE}/pods`, { metadata: { name }, spec: { containers, ...spec } });
}

describe('resource quotas', () => {
  it('are charged with what is made and given back what goes', () => {
    const world = worldWith({
      pods: '3',
      'requests.cpu': '1',
      'limits.memory': '1Gi',
      'count/secrets': '2',
      configmaps: '5',
    });
    expect(usedOf(world)).toEqual({
      pods: '0',
      'requests.cpu': '0',
      'limits.memory': '0',
      'count/secrets': '0',
      configmaps: '1',
    });
    const resources = { requests: { cpu: '250m' }, limits: { cpu: '1', memory: '128Mi' } };
    expect(create(world, 'a', resources).status).toBe(201);
    expect(usedOf(world)).toMatchObject({ pods: '1', 'requests.cpu': '250m', 'limits.memory': '128Mi' });
    world.run(3);
    world.client.delete(pod, world.client.get(pod, 'default/a')!);
    world.run(4);
    expect(usedOf(world)).toMatchObject({ pods: '0', 'requests.cpu': '0', 'limits.memory': '0' });
    expect(world.errors).toEqual([]);
  });

  it('refuse what goes beyond them, in upstream’s words', () => {
    const world = worldWith({ pods: '1', 'requests.cpu': '500m' });
    expect(create(world, 'none').json.message).toBe(
      'pods "none" is forbidden: failed quota: q: must specify requests.cpu for: app',
    );
    const big = create(world, 'big', { requests: { cpu: '1' } });
    expect(big.status).toBe(403);
    expect(big.json.message).toBe(
      'pods "big" is forbidden: exceeded quota: q, requested: requests.cpu=1, used: requests.cpu=0, limited: requests.cpu=500m',
    );
    create(world, 'a', { requests: { cpu: '100m' } });
    expect(create(world, 'b', { requests: { cpu: '100m' } }).json.message).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    );
    expect(usedOf(world)).toEqual({ pods: '1', 'requests.cpu': '100m' });
  });

  it('are not charged by dry runs, nor for long by writes that came to nothing', () => {
    const world = worldWith({ configmaps: '5' });
    const make = (query: string): HarnessAnswer =>
      world.harness.request('POST', `${CORE}/configmaps${query}`, { metadata: { name: 'm' } });
    expect(make('?dryRun=All').status).toBe(201);
    expect(usedOf(world)).toEqual({ configmaps: '1' });
    make('');
    expect(make('').status).toBe(409);
    world.run(301);
    expect(usedOf(world)).toEqual({ configmaps: '2' });
  });

  it('wait until somebody has counted', () => {
    const world = new ControllerWorld();
    quota(world, 'q', { pods: '1' });
    world.client.patchStatus(resourceQuota, 'default/q', { status: { hard: { pods: '1' } } });
    expect(create(world, 'a').json.message).toBe('pods "a" is forbidden: status unknown for quota: q, resources: pods');
  });

  it.each([
    ['BestEffort', {}, {}, '1'],
    ['BestEffort', { requests: { cpu: '1' } }, {}, '0'],
    ['NotBestEffort', { requests: { cpu: '1' } }, {}, '1'],
    ['Terminating', {}, { activeDeadlineSeconds: 60 }, '1'],
    ['NotTerminating', {}, { activeDeadlineSeconds: 60 }, '0'],
  ])('look at %s pods only', (scope, resources, spec, count) => {
    const world = worldWith({ pods: '3' }, { scopes: [scope] });
    expect(create(world, 'a', resources, spec).status).toBe(201);
    world.run(1);
    expect(usedOf(world)).toEqual({ pods: count });
  });

  it('select by priority class', () => {
    const world = new ControllerWorld();
    world.harness.request('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', {
      metadata: { name: 'high' },
      value: 1,
    });
    const matchExpressions = [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }];
    quota(world, 'q', { pods: '1' }, { scopeSelector: { matchExpressions } });
    world.run(1);
    create(world, 'plain');
    create(world, 'first', {}, { priorityClassName: 'high' });
    expect(create(world, 'second', {}, { priorityClassName: 'high' }).status).toBe(403);
    expect(usedOf(world)).toEqual({ pods: '1' });
  });

  it('do not count pods that have ended', () => {
    const world = worldWith({ pods: '1', 'count/pods': '9' });
    create(world, 'a');
    world.run(3);
    world.client.patchStatus(pod, 'default/a', { status: { phase: 'Succeeded' } });
    world.run(1);
    expect(usedOf(world)).toEqual({ pods: '0', 'count/pods': '1' });
    expect(create(world, 'b').status).toBe(201);
  });

  it('count Services by type and claims by class', () => {
    const world = worldWith({
      'services.nodeports': '2',
      'services.loadbalancers': '0',
      'fast.storageclass.storage.k8s.io/requests.storage': '2Gi',
    });
    world.harness.request('POST', '/apis/networking.k8s.io/v1/servicecidrs', {
      metadata: { name: 'kubernetes' },
      spec: { cidrs: ['10.96.0.0/16'] },
    });
    world.run(1);
    const service = (name: string, spec: Json): HarnessAnswer =>
      world.harness.request('POST', `${CORE}/services`, { metadata: { name }, spec });
    expect(service('a', { type: 'NodePort', ports: [{ port: 80 }] }).status).toBe(201);
    expect(service('b', { type: 'LoadBalancer', ports: [{ port: 80 }] }).json.message).toBe(
      'services "b" is forbidden: exceeded quota: q, requested: services.loadbalancers=1, used: services.loadbalancers=0, limited: services.loadbalancers=0',
    );
    const claim = world.harness.request('POST', `${CORE}/persistentvolumeclaims`, {
      metadata: { name: 'c' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', resources: { requests: { storage: '3Gi' } } },
    });
    expect(claim.status).toBe(403);
    world.harness.request(
      'PATCH',
      `${CORE}/services/a`,
      { spec: { type: 'ClusterIP' } },
      { 'content-type': 'application/merge-patch+json' },
    );
    world.run(1);
    expect(usedOf(world)).toMatchObject({ 'services.nodeports': '0' });
  });

  it('count objects of kinds that the cluster defines itself, before and after these are served', () => {
    const name = 'count/widgets.example.com';
    const world = worldWith({ [name]: '1' });
    expect(usedOf(world)).toBeUndefined();
    const schema = { openAPIV3Schema: { type: 'object' } };
    const definition = world.harness.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    expect(definition.status).toBe(201);
    world.run(5);
    expect(usedOf(world)).toEqual({ [name]: '0' });
    const widgets = '/apis/example.com/v1/namespaces/default/widgets';
    const widget = (of: string): Json => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: of } });
    expect(world.harness.request('POST', widgets, widget('first')).status).toBe(201);
    expect(world.harness.request('POST', widgets, widget('second')).json).toMatchObject({
      code: 403,
      message:
        'widgets.example.com "second" is forbidden: exceeded quota: q, ' +
        `requested: ${name}=1, used: ${name}=1, limited: ${name}=1`,
    });
    world.harness.request('DELETE', `${widgets}/first`);
    world.run(1);
    expect(usedOf(world)).toEqual({ [name]: '0' });
    expect(world.harness.request('POST', widgets, widget('second')).status).toBe(201);
  });

  it('follow their own limits', () => {
    const world = worldWith({ pods: '3', services: '3' });
    world.client.patch(resourceQuota, 'default/q', { spec: { hard: { pods: '1', services: null } } });
    world.run(1);
    expect(world.client.get(resourceQuota, 'default/q')?.status).toEqual({ hard: { pods: '1' }, used: { pods: '0' } });
  });

  it('hold a Deployment, which goes on when there is room', () => {
    const world = worldWith({ pods: '2' });
    world.deploy('web', { replicas: 3 });
    world.run(5);
    expect(world.pods()).toHaveLength(2);
    expect(world.condition('web', 'ReplicaFailure')).toMatch(
      /exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2/,
    );
    world.client.patch(resourceQuota, 'default/q', { spec: { hard: { pods: '3' } } });
    world.run(60);
    expect(world.pods()).toHaveLength(3);
  });
});
