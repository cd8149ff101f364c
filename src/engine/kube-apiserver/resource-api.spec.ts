import { createApiHarness } from '../../../test/support/engine-harness.js';
import { configMap } from '../kinds/config-map.js';
import { event } from '../kinds/event.js';
import { pod } from '../kinds/pod.js';
import { secret } from '../kinds/secret.js';
import { podsByNode } from '../kinds/pod-indexes.js';
import type { Pod } from '../machinery/api/core-v1.js';
import type { Kind } from '../machinery/kind.js';
import type { KubeObject } from '../machinery/object.js';
import { defineIndex } from '../machinery/resource-reader.port.js';
import type { ApiCall, NewObject, Outcome, ResourceEvent } from '../machinery/resource-api.port.js';
import { hours, minutes, seconds } from '../kernel/clock.js';
import { clusterAdministrator as user } from '../machinery/user.js';

function server() {
  const harness = createApiHarness();
  const { resources } = harness.server;
  const call = <T extends KubeObject>(given: ApiCall<T>): Outcome<T> => {
    let outcome: Outcome<T> | undefined;
    resources.call(given, (settled) => {
      outcome = settled;
    });
    return outcome!;
  };
  const create = <T extends KubeObject>(kind: Kind<T>, object: NewObject<T>) =>
    call<T>({ verb: 'create', user, fieldManager: 'test', kind, namespace: 'default', object });
  return { ...harness, resources, call, create };
}
const podObject = (name: string, nodeName: string): NewObject<Pod> => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i' }], nodeName },
});

describe('the in-process door', () => {
  it('applies the same defaults, admission and validation as a request', () => {
    const { create } = server();
    expect(create(pod, podObject('p', 'n')).object?.spec).toMatchObject({
      serviceAccountName: 'default',
      dnsPolicy: 'ClusterFirst',
    });
    expect(create(configMap, { metadata: { name: 'Bad' } }).error?.code).toBe(422);
    expect(create(configMap, { metadata: { name: 'a' } }).error).toBeUndefined();
    expect(create(configMap, { metadata: { name: 'a' } }).error?.reason).toBe('AlreadyExists');
  });

  it('shows what it wrote to requests', () => {
    const { create, request } = server();
    create(configMap, { metadata: { name: 'a' }, data: { k: 'v' } });
    expect(request('GET', '/api/v1/namespaces/default/configmaps/a').json.data).toEqual({ k: 'v' });
  });

  it('updates a status and nothing else', () => {
    const { create, call } = server();
    const made = create(pod, podObject('p', 'n')).object!;
    const object: Pod = { ...made, spec: { ...made.spec, nodeName: 'other' }, status: { phase: 'Running' } };
    const changed = call<Pod>({ verb: 'update', user, fieldManager: 'test', kind: pod, object, subresource: 'status' });
    expect([changed.object?.status?.phase, changed.object?.spec.nodeName]).toEqual(['Running', 'n']);
    const stale = call<Pod>({ verb: 'update', user, fieldManager: 'test', kind: pod, object, subresource: 'status' });
    expect(stale.error?.reason).toBe('Conflict');
  });

  it('tells listeners of every change, once and in order', () => {
    const { create, call, resources } = server();
    const seen: ResourceEvent[] = [];
    const subscription = resources.subscribe(configMap, (each) => void seen.push(each));
    create(configMap, { metadata: { name: 'a' } });
    call({
      verb: 'patch',
      user,
      fieldManager: 't',
      kind: configMap,
      key: 'default/a',
      patchType: 'merge',
      patch: { data: { k: 'v' } },
    });
    call({ verb: 'delete', user, fieldManager: 't', kind: configMap, key: 'default/a' });
    subscription.cancel();
    create(configMap, { metadata: { name: 'b' } });
    expect(seen.map(({ type }) => type)).toEqual(['added', 'modified', 'deleted']);
    expect(seen[2]?.object.metadata.resourceVersion).toBe(String(seen[2]?.revision));
  });

  it('keeps indexes up to date', () => {
    const { create, call, resources } = server();
    create(pod, podObject('b', 'n1'));
    const names = (node: string) => resources.indexed(pod, podsByNode, node).map(({ metadata }) => metadata.name);
    expect(names('n1')).toEqual(['b']);
    const before = resources.indexed(pod, podsByNode, 'n1');
    create(pod, podObject('a', 'n1'));
    create(pod, podObject('c', 'n2'));
    expect([names('n1'), names('n2')]).toEqual([['a', 'b'], ['c']]);
    expect(before).toHaveLength(1);
    call({ verb: 'delete', user, fieldManager: 't', kind: pod, key: 'default/b', options: { gracePeriodSeconds: 0 } });
    expect(names('n1')).toEqual(['a']);
  });

  it('forgets events after an hour, with few leases for many of them', () => {
    const { create, loop, store, resources } = server();
    const report = (name: string) => create(event, { metadata: { name }, involvedObject: { namespace: 'default' } });
    expect(report('one').error).toBeUndefined();
    loop.run((loop.now + seconds(59)) as typeof loop.now, () => true);
    report('two');
    expect(store.leases()).toHaveLength(1);
    loop.run((loop.now + hours(1)) as typeof loop.now, () => true);
    expect(resources.list(event)).toHaveLength(2);
    loop.run((loop.now + minutes(5)) as typeof loop.now, () => true);
    expect(resources.list(event)).toHaveLength(0);
  });
});

describe('an index that is used for two kinds', () => {
  it('gives for each the objects of that kind', () => {
    const { server, request } = createApiHarness();
    request('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'one' } });
    request('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 'two' } });
    const byNamespace = defineIndex<KubeObject>({
      name: 'byNamespace',
      keysOf: ({ metadata: { namespace = '' } }) => [namespace],
    });
    const namesOf = (kind: Kind) =>
      server.resources.indexed(kind, byNamespace, 'default').map(({ metadata }) => metadata.name);
    expect([namesOf(configMap), namesOf(secret)]).toEqual([['one'], ['two']]);
  });
});
