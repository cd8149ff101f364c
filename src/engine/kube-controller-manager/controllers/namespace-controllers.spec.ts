import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { instant } from '../../kernel/clock.js';
import { configMap } from '../../kinds/config-map.js';
import { daemonSet } from '../../kinds/daemon-set.js';
import { deployment } from '../../kinds/deployment.js';
import { job } from '../../kinds/job.js';
import { namespace } from '../../kinds/namespace.js';
import { pod } from '../../kinds/pod.js';
import { replicaSet } from '../../kinds/replica-set.js';
import { replicationController } from '../../kinds/replication-controller.js';
import { serviceAccount } from '../../kinds/service-account.js';
import { statefulSet } from '../../kinds/stateful-set.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { NewObject } from '../../machinery/resource-api.port.js';

const EVENTS_MAX = 50_000;
const LABELS = { app: 'web' };
const CONTAINERS = [{ name: 'web', image: 'i:1' }];
const WORKLOAD = {
  selector: { matchLabels: LABELS },
  template: { metadata: { name: '', labels: LABELS }, spec: { containers: CONTAINERS } },
};
const ENDING = { metadata: { name: '' }, spec: { containers: CONTAINERS, restartPolicy: 'Never' } };

function worldWith(name: string) {
  const world = new ControllerWorld();
  world.client.create(namespace, undefined, { metadata: { name }, spec: {} });
  world.run(1);
  const remove = () => world.client.delete(namespace, world.client.get(namespace, name)!);
  const conditions = () =>
    world.client
      .get(namespace, name)
      ?.status?.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message].join(' '));
  return { world, remove, conditions };
}

describe('what every namespace has', () => {
  it('is a service account and the authority’s certificate', () => {
    const { world } = worldWith('team');
    expect(world.client.get(serviceAccount, 'team/default')).toBeDefined();
    expect(world.client.get(configMap, 'team/kube-root-ca.crt')?.data).toEqual({ 'ca.crt': 'CERTIFICATE' });
  });

  it('comes back when it is deleted or changed', () => {
    const { world } = worldWith('team');
    const former = world.client.get(serviceAccount, 'team/default')!;
    world.client.delete(serviceAccount, former);
    world.client.patch(configMap, 'team/kube-root-ca.crt', { data: { 'ca.crt': 'OTHER' } });
    world.client.delete(configMap, world.client.get(configMap, 'kube-system/kube-root-ca.crt')!);
    world.run(1);
    expect(world.client.get(serviceAccount, 'team/default')?.metadata.uid).not.toBe(former.metadata.uid);
    expect(world.client.get(configMap, 'team/kube-root-ca.crt')?.data).toEqual({ 'ca.crt': 'CERTIFICATE' });
    expect(world.client.get(configMap, 'kube-system/kube-root-ca.crt')).toBeDefined();
  });
});

describe('namespace-controller', () => {
  it('empties a namespace and lets it go', () => {
    const { world, remove } = worldWith('team');
    world.client.create(configMap, 'team', { metadata: { name: 'settings' } });
    remove();
    world.run(1);
    expect(world.client.get(namespace, 'team')).toBeUndefined();
    expect(world.client.list(configMap, 'team')).toEqual([]);
    expect(world.client.list(serviceAccount, 'team')).toEqual([]);
  });

  it('deletes pods first and everything else after them', () => {
    const { world, remove } = worldWith('team');
    world.client.create(pod, 'team', { metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'i:1' }] } });
    world.client.create(configMap, 'team', { metadata: { name: 'settings' } });
    world.run(3);
    remove();
    world.run(0.5);
    expect(world.client.get(pod, 'team/p')?.metadata.deletionTimestamp).toBeDefined();
    expect(world.client.get(configMap, 'team/settings')?.metadata.deletionTimestamp).toBeUndefined();
    world.run(3);
    expect(world.client.get(namespace, 'team')).toBeUndefined();
  });

  it.each<[string, Kind, object]>([
    ['a Deployment', deployment, { replicas: 2, ...WORKLOAD }],
    ['a ReplicaSet', replicaSet, { replicas: 2, ...WORKLOAD }],
    ['a ReplicaSet of many pods', replicaSet, { replicas: 40, ...WORKLOAD }],
    ['a StatefulSet', statefulSet, { replicas: 2, serviceName: 'web', ...WORKLOAD }],
    ['a DaemonSet', daemonSet, WORKLOAD],
    ['a Job', job, { parallelism: 2, completions: 4, template: ENDING }],
    ['a ReplicationController', replicationController, { replicas: 2, selector: LABELS, template: WORKLOAD.template }],
  ])('empties a namespace of %s, whose pods cannot come back', (_name, kind, spec) => {
    const { world, remove } = worldWith('team');
    world.client.create(kind, 'team', { metadata: { name: 'web' }, spec } as NewObject<KubeObject>);
    world.run(3);
    expect(world.client.list(pod, 'team').length).toBeGreaterThan(0);
    remove();
    const { loop } = world.harness;
    let events = 0;
    expect(loop.run(instant(loop.now + 10_000), () => ++events < EVENTS_MAX)).toBe('done');
    expect(world.client.list(pod, 'team')).toEqual([]);
    expect(world.client.get(namespace, 'team')).toBeUndefined();
  });

  it('says what is left, and goes on when a finalizer is taken away', () => {
    const { world, remove, conditions } = worldWith('team');
    const finalizers = ['example.com/a', 'example.com/b'];
    world.client.create(configMap, 'team', { metadata: { name: 'held', finalizers } });
    remove();
    world.run(1);
    expect(world.client.get(namespace, 'team')?.status?.phase).toBe('Terminating');
    expect(conditions()).toEqual([
      'NamespaceDeletionDiscoveryFailure False ResourcesDiscovered All resources successfully discovered',
      'NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions All legacy kube types successfully parsed',
      'NamespaceDeletionContentFailure False ContentDeleted All content successfully deleted, may be waiting on finalization',
      'NamespaceContentRemaining True SomeResourcesRemain Some resources are remaining: configmaps. has 1 resource instances',
      'NamespaceFinalizersRemaining True SomeFinalizersRemain Some content in the namespace has finalizers remaining: example.com/a in 1 resource instances, example.com/b in 1 resource instances',
    ]);
    expect(world.client.get(serviceAccount, 'team/default')).toBeUndefined();
    world.client.patch(configMap, 'team/held', { metadata: { finalizers: null } });
    world.run(1);
    expect(world.client.get(namespace, 'team')).toBeUndefined();
  });

  it('waits for the finalizers of others in the namespace itself', () => {
    const { world, remove } = worldWith('team');
    world.client.patchSubresource(
      namespace,
      { key: 'team', subresource: 'finalize' },
      { spec: { finalizers: ['kubernetes', 'example.com/mine'] } },
    );
    remove();
    world.run(1);
    expect(world.client.get(namespace, 'team')?.spec.finalizers).toEqual(['example.com/mine']);
    world.client.patchSubresource(namespace, { key: 'team', subresource: 'finalize' }, { spec: { finalizers: null } });
    world.run(1);
    expect(world.client.get(namespace, 'team')).toBeUndefined();
  });
});
