import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { pod } from '../../kinds/pod.js';
import { replicationController } from '../../kinds/replication-controller.js';
import type { Pod } from '../../machinery/api/core-v1.js';

function worldWith(spec: Json): ControllerWorld {
  const world = new ControllerWorld();
  const containers = [{ name: 'app', image: 'registry.example/app:1' }];
  world.harness.request('POST', '/api/v1/namespaces/default/replicationcontrollers', {
    metadata: { name: 'rc' },
    spec: { template: { metadata: { labels: { app: 'rc' } }, spec: { containers } }, ...spec },
  });
  world.run(4);
  return world;
}

const statusOf = (world: ControllerWorld): Json => world.client.get(replicationController, 'default/rc')?.status;
const active = (world: ControllerWorld): readonly Pod[] =>
  world.pods().filter(({ metadata }) => metadata.deletionTimestamp === undefined);

describe('replication-controller', () => {
  it('makes pods that it owns, and counts them', () => {
    const world = worldWith({ replicas: 2 });
    expect(statusOf(world)).toEqual({
      replicas: 2,
      fullyLabeledReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      observedGeneration: 1,
    });
    expect(world.pods()[0]?.metadata.ownerReferences).toMatchObject([
      { apiVersion: 'v1', kind: 'ReplicationController', name: 'rc', controller: true, blockOwnerDeletion: true },
    ]);
    expect(world.said('rc').map((each) => each.replace(/rc-\w+$/, 'rc-…'))).toEqual([
      'SuccessfulCreate: Created pod: rc-…',
      'SuccessfulCreate: Created pod: rc-…',
    ]);
  });

  it.each([
    [0, 3, { SuccessfulCreate: 3 }],
    [3, 0, { SuccessfulCreate: 3, SuccessfulDelete: 3 }],
    [4, 1, { SuccessfulCreate: 4, SuccessfulDelete: 3 }],
    [1, 4, { SuccessfulCreate: 4 }],
  ])('goes from %d pods to %d', (before, replicas, events) => {
    const world = worldWith({ replicas: before });
    world.client.patch(replicationController, 'default/rc', { spec: { replicas } });
    world.run(6);
    expect(active(world)).toHaveLength(replicas);
    expect(statusOf(world).replicas).toBe(replicas);
    const counts: Record<string, number> = {};
    for (const each of world.said('rc')) {
      const [reason = ''] = each.split(':');
      counts[reason] = (counts[reason] ?? 0) + 1;
    }
    expect(counts).toEqual(events);
  });

  it.each([
    ['is deleted', (world: ControllerWorld, each: Pod) => world.client.delete(pod, each)],
    [
      'has failed',
      (world: ControllerWorld, { metadata }: Pod) =>
        world.client.patchStatus(pod, `default/${metadata.name}`, { status: { phase: 'Failed' } }),
    ],
    [
      'loses its label',
      (world: ControllerWorld, { metadata }: Pod) =>
        world.client.patch(pod, `default/${metadata.name}`, { metadata: { labels: { app: 'other' } } }),
    ],
  ])('replaces a pod that %s', (_name, harm) => {
    const world = worldWith({ replicas: 2 });
    const [victim] = world.pods();
    harm(world, victim!);
    world.run(6);
    expect(statusOf(world)).toMatchObject({ replicas: 2, readyReplicas: 2 });
    const own = active(world).filter(
      ({ metadata, status }) => metadata.labels?.['app'] === 'rc' && status?.phase === 'Running',
    );
    expect(own).toHaveLength(2);
    expect(own.map(({ metadata }) => metadata.uid)).not.toContain(victim!.metadata.uid);
  });

  it('takes on pods that nobody owns, and leaves those of others alone', () => {
    const world = worldWith({ replicas: 0 });
    const containers = [{ name: 'app', image: 'registry.example/app:1' }];
    const owner = { apiVersion: 'v1', kind: 'ReplicationController', name: 'other', uid: 'u', controller: true };
    world.client.create(pod, 'default', { metadata: { name: 'mine', labels: { app: 'rc' } }, spec: { containers } });
    world.client.create(pod, 'default', {
      metadata: { name: 'theirs', labels: { app: 'rc' }, ownerReferences: [owner], finalizers: ['example.com/see'] },
      spec: { containers },
    });
    world.client.patch(replicationController, 'default/rc', { spec: { replicas: 1 } });
    world.run(4);
    expect(statusOf(world).replicas).toBe(1);
    expect(world.client.get(pod, 'default/mine')?.metadata.ownerReferences?.[0]?.name).toBe('rc');
    expect(world.client.get(pod, 'default/theirs')?.metadata.ownerReferences?.[0]?.name).toBe('other');
  });

  it('says when its pods are refused, and recovers', () => {
    const template = {
      metadata: { labels: { app: 'rc' } },
      spec: { serviceAccountName: 'missing', containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    };
    const world = worldWith({ replicas: 1, template });
    const message =
      'pods "rc-" is forbidden: error looking up service account default/missing: serviceaccount "missing" not found';
    expect(statusOf(world).conditions).toMatchObject([
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message },
    ]);
    expect(world.said('rc')[0]).toBe(`FailedCreate: Error creating: ${message}`);
    world.harness.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'missing' } });
    world.run(60);
    expect(statusOf(world)).toMatchObject({ replicas: 1, readyReplicas: 1 });
    expect(statusOf(world).conditions).toBeUndefined();
  });
});
