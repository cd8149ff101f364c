import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { controllerRevision } from '../../kinds/controller-revision.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { pod } from '../../kinds/pod.js';
import { statefulSet } from '../../kinds/stateful-set.js';
import type { Pod } from '../../machinery/api/core-v1.js';

const IMAGE = 'registry.example/app';
const CLAIM = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'none' },
};

const template = (tag = '1'): Json => ({
  metadata: { labels: { app: 'db' } },
  spec: { containers: [{ name: 'app', image: `${IMAGE}:${tag}` }] },
});

function worldWith(spec: Json, options: ConstructorParameters<typeof ControllerWorld>[0] = {}): ControllerWorld {
  const world = new ControllerWorld(options);
  const body = {
    metadata: { name: 'db' },
    spec: { serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: template(), ...spec },
  };
  world.harness.request('POST', '/apis/apps/v1/namespaces/default/statefulsets', body);
  return world;
}

const names = (world: ControllerWorld): readonly string[] => world.pods().map(({ metadata }) => metadata.name);
const podOf = (world: ControllerWorld, name: string): Pod => world.client.get(pod, `default/${name}`)!;
const statusOf = (world: ControllerWorld): Json => world.client.get(statefulSet, 'default/db')?.status;
const tags = (world: ControllerWorld): readonly string[] =>
  world.pods().map(({ metadata, spec }) => `${metadata.name}:${spec.containers[0]?.image?.split(':')[1] ?? ''}`);
const claims = (world: ControllerWorld): readonly string[] =>
  world.client.list(persistentVolumeClaim, 'default').map(({ metadata }) => metadata.name);
const patch = (world: ControllerWorld, spec: Json): void => world.client.patch(statefulSet, 'default/db', { spec });

describe('statefulset-controller', () => {
  it('makes one pod after the other, each with its name and its claim', () => {
    const world = worldWith({ replicas: 3, volumeClaimTemplates: [CLAIM] });
    world.run(0.5);
    expect(names(world)).toEqual(['db-0']);
    expect(claims(world)).toEqual(['data-db-0']);
    world.run(10);
    expect(names(world)).toEqual(['db-0', 'db-1', 'db-2']);
    expect(podOf(world, 'db-1').metadata.labels).toMatchObject({
      'apps.kubernetes.io/pod-index': '1',
      'statefulset.kubernetes.io/pod-name': 'db-1',
      'controller-revision-hash': statusOf(world).currentRevision,
    });
    expect(podOf(world, 'db-1').spec).toMatchObject({ hostname: 'db-1', subdomain: 'db' });
    expect(podOf(world, 'db-1').spec.volumes?.[0]).toEqual({
      name: 'data',
      persistentVolumeClaim: { claimName: 'data-db-1' },
    });
    const revision = statusOf(world).updateRevision;
    expect(statusOf(world)).toEqual({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision: revision,
      updateRevision: revision,
      collisionCount: 0,
      availableReplicas: 3,
    });
    expect(world.said('db').slice(0, 2)).toEqual([
      'SuccessfulCreate: Create Claim data-db-0 Pod db-0 in StatefulSet db success',
      'SuccessfulCreate: Create Pod db-0 in StatefulSet db successful',
    ]);
    expect(world.errors).toEqual([]);
  });

  it('waits for a pod that does not get ready, unless it makes all at once', () => {
    const getsReady = ({ metadata }: Pod): boolean => metadata.name !== 'db-1';
    const ordered = worldWith({ replicas: 3 }, { getsReady });
    ordered.run(10);
    expect(names(ordered)).toEqual(['db-0', 'db-1']);
    const parallel = worldWith({ replicas: 3, podManagementPolicy: 'Parallel' }, { getsReady });
    parallel.run(1);
    expect(names(parallel)).toEqual(['db-0', 'db-1', 'db-2']);
  });

  it('removes the last first, one after the other', () => {
    const world = worldWith({ replicas: 3 });
    world.run(10);
    patch(world, { replicas: 1 });
    world.run(0.5);
    expect(world.pods().filter(({ metadata }) => metadata.deletionTimestamp !== undefined)).toHaveLength(1);
    expect(podOf(world, 'db-2').metadata.deletionTimestamp).toBeDefined();
    world.run(5);
    expect(names(world)).toEqual(['db-0']);
    expect(world.said('db').at(-1)).toBe('SuccessfulDelete: Delete Pod db-1 in StatefulSet db successful');
  });

  it('counts from another ordinal', () => {
    const world = worldWith({ replicas: 2, ordinals: { start: 5 } });
    world.run(8);
    expect(names(world)).toEqual(['db-5', 'db-6']);
    patch(world, { ordinals: { start: 4 } });
    world.run(10);
    expect(names(world)).toEqual(['db-4', 'db-5']);
  });

  it('updates from the last to the partition, and keeps former revisions for the others', () => {
    const world = worldWith({ replicas: 3, updateStrategy: { rollingUpdate: { partition: 1 } } });
    world.run(10);
    const former = statusOf(world).currentRevision;
    patch(world, { template: template('2') });
    world.run(15);
    expect(tags(world)).toEqual(['db-0:1', 'db-1:2', 'db-2:2']);
    expect(statusOf(world)).toMatchObject({ currentRevision: former, currentReplicas: 1, updatedReplicas: 2 });
    world.client.delete(pod, podOf(world, 'db-0'));
    world.run(5);
    expect(tags(world)).toEqual(['db-0:1', 'db-1:2', 'db-2:2']);
    patch(world, { updateStrategy: { rollingUpdate: { partition: 0 } } });
    world.run(10);
    expect(tags(world)).toEqual(['db-0:2', 'db-1:2', 'db-2:2']);
    expect(statusOf(world).currentRevision).toBe(statusOf(world).updateRevision);
  });

  it('updates as many at once as may be unavailable', () => {
    const world = worldWith({
      replicas: 4,
      podManagementPolicy: 'Parallel',
      updateStrategy: { rollingUpdate: { maxUnavailable: 2 } },
    });
    world.run(5);
    patch(world, { template: template('2') });
    world.run(0.5);
    const leaving = world.pods().filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    expect(leaving.map(({ metadata }) => metadata.name)).toEqual(['db-2', 'db-3']);
    world.run(15);
    expect(tags(world)).toEqual(['db-0:2', 'db-1:2', 'db-2:2', 'db-3:2']);
  });

  it('leaves updates to whoever deletes pods', () => {
    const world = worldWith({ replicas: 2, updateStrategy: { type: 'OnDelete' } });
    world.run(8);
    patch(world, { template: template('2') });
    world.run(5);
    expect(tags(world)).toEqual(['db-0:1', 'db-1:1']);
    world.client.delete(pod, podOf(world, 'db-0'));
    world.run(5);
    expect(tags(world)).toEqual(['db-0:2', 'db-1:1']);
  });

  it('goes back to a former revision under its name, and forgets those beyond the limit', () => {
    const world = worldWith({ replicas: 1, revisionHistoryLimit: 1 });
    world.run(4);
    const first = statusOf(world).currentRevision;
    patch(world, { template: template('2') });
    world.run(6);
    patch(world, { template: template('1') });
    world.run(6);
    expect(statusOf(world).currentRevision).toBe(first);
    expect(world.client.get(controllerRevision, `default/${first}`)?.revision).toBe(3);
    for (const tag of ['3', '4', '5']) {
      patch(world, { template: template(tag) });
      world.run(6);
    }
    const revisions = world.client.list(controllerRevision, 'default').map(({ revision }) => revision);
    expect(revisions.toSorted((a, b) => a - b)).toEqual([5, 6]);
  });

  it('lets claims go with the set, or with pods that are too many, where it is told to', () => {
    const persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Delete', whenScaled: 'Delete' };
    const world = worldWith({ replicas: 2, volumeClaimTemplates: [CLAIM], persistentVolumeClaimRetentionPolicy });
    world.run(8);
    const ownerOf = (name: string): Json =>
      world.client.get(persistentVolumeClaim, `default/${name}`)?.metadata.ownerReferences?.map(({ kind }) => kind);
    expect(ownerOf('data-db-1')).toEqual(['StatefulSet']);
    patch(world, { replicas: 1 });
    world.run(0.5);
    expect(ownerOf('data-db-1')).toEqual(['Pod']);
    expect(ownerOf('data-db-0')).toEqual(['StatefulSet']);
  });

  it('replaces a pod that failed, and tells of one that is refused', () => {
    const world = worldWith({ replicas: 1 });
    world.run(4);
    const { uid } = podOf(world, 'db-0').metadata;
    world.client.patchStatus(pod, 'default/db-0', { status: { phase: 'Failed' } });
    world.run(5);
    expect(podOf(world, 'db-0').metadata.uid).not.toBe(uid);
    const refused = worldWith({
      template: { ...template(), spec: { ...template().spec, serviceAccountName: 'none' } },
    });
    refused.run(3);
    expect(refused.said('db').at(-1)).toBe(
      'FailedCreate: Create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: error looking up service account default/none: serviceaccount "none" not found',
    );
  });
});
