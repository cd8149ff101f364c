import { ClusterHarness } from '../../../../test/support/cluster-harness.js';
import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { pod } from '../../kinds/pod.js';

const RECYCLER = 'default/recycler-for-v';
const VOLUMES = '/api/v1/persistentvolumes';
const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';

const volume = (source: Json, storage = '1Gi'): Json => ({
  metadata: { name: 'v' },
  spec: {
    capacity: { storage },
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'plain',
    persistentVolumeReclaimPolicy: 'Recycle',
    ...source,
  },
});
const claim: Json = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'plain', resources: { requests: { storage: '1Gi' } } },
};

/** A volume that was bound to a claim, which is gone again. */
function released(source: Json, storage?: string): ControllerWorld {
  const world = new ControllerWorld();
  world.harness.request('POST', VOLUMES, volume(source, storage));
  world.run(1);
  world.harness.request('POST', CLAIMS, claim);
  world.run(1);
  expect(world.client.get(persistentVolume, 'v')?.status?.phase).toBe('Bound');
  world.harness.request('DELETE', `${CLAIMS}/data`);
  world.run(1);
  return world;
}

const phaseOf = (world: ControllerWorld): string | undefined => world.client.get(persistentVolume, 'v')?.status?.phase;
const end = (world: ControllerWorld, status: Json): void => {
  world.client.patchStatus(pod, RECYCLER, { status });
  world.run(1);
};

describe('recycling', () => {
  it.each([
    ['hostPath', { hostPath: { path: '/srv' } }, '1Gi', 60],
    ['hostPath', { hostPath: { path: '/srv' } }, '10Gi', 300],
    ['nfs', { nfs: { server: 'files.example', path: '/x' } }, '10Gi', 300],
    ['nfs', { nfs: { server: 'files.example', path: '/x' } }, '11Gi', 330],
  ])('has a pod empty a volume of %s, with time by its size', (_plugin, source, storage, deadline) => {
    const world = released(source, storage);
    expect(phaseOf(world)).toBe('Released');
    const { spec } = world.client.get(pod, RECYCLER)!;
    expect(spec).toMatchObject({ activeDeadlineSeconds: deadline, restartPolicy: 'Never' });
    expect(spec.volumes?.[0]).toMatchObject({ name: 'vol', ...source });
    expect(spec.containers[0]).toMatchObject({ name: 'pv-recycler', command: ['/bin/sh'] });
    expect(spec.containers[0]?.volumeMounts?.[0]).toEqual({ name: 'vol', mountPath: '/scrub' });
    end(world, { phase: 'Succeeded' });
    expect(phaseOf(world)).toBe('Available');
    expect(world.client.get(persistentVolume, 'v')?.spec.claimRef).toBeUndefined();
    expect(world.said('v')).toEqual(['VolumeRecycled: Volume recycled']);
    world.run(3);
    expect(world.client.get(pod, RECYCLER)).toBeUndefined();
    expect(world.errors).toEqual([]);
  });

  it('fails with the pod, and tries again', () => {
    const world = released({ hostPath: { path: '/srv' } });
    const { uid } = world.client.get(pod, RECYCLER)!.metadata;
    end(world, { phase: 'Failed', message: 'Pod was active on the node longer than the specified deadline' });
    const words =
      'Recycle failed: failed to recycle volume: Pod was active on the node longer than the specified deadline';
    expect(world.client.get(persistentVolume, 'v')?.status).toMatchObject({ phase: 'Failed', message: words });
    expect(world.said('v')).toEqual([`VolumeFailedRecycle: ${words}`]);
    world.run(40);
    expect(world.client.get(pod, RECYCLER)?.metadata.uid).not.toBe(uid);
    end(world, { phase: 'Succeeded' });
    expect(phaseOf(world)).toBe('Available');
  });

  it('fails where its pod is taken away', () => {
    const world = released({ hostPath: { path: '/srv' } });
    world.client.delete(pod, world.client.get(pod, RECYCLER)!, { gracePeriodSeconds: 0 });
    world.run(1);
    expect(world.said('v')).toEqual([
      'VolumeFailedRecycle: Recycle failed: failed to recycle volume: recycler pod was deleted',
    ]);
  });

  it('is beyond other plugins', () => {
    const world = released({
      local: { path: '/srv' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'Exists' }] }],
        },
      },
    });
    const message = 'No recycler plugin found for the volume!';
    expect(world.client.get(persistentVolume, 'v')?.status).toMatchObject({ phase: 'Failed', message });
    expect(world.said('v')).toEqual([`VolumeFailedRecycle: ${message}`]);
  });

  it('waits for pods that still use a claim that is gone', () => {
    const world = new ControllerWorld();
    world.harness.request('POST', VOLUMES, volume({ hostPath: { path: '/srv' } }));
    world.run(1);
    world.harness.request('POST', CLAIMS, claim);
    world.client.create(pod, 'default', {
      metadata: { name: 'user' },
      spec: {
        containers: [{ name: 'app', image: 'registry.example/app:1' }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      },
    });
    world.run(3);
    world.client.delete(persistentVolumeClaim, world.client.get(persistentVolumeClaim, 'default/data')!);
    world.client.patch(persistentVolumeClaim, 'default/data', { metadata: { finalizers: null } });
    world.run(1);
    expect(world.said('v')).toEqual(['VolumeFailedRecycle: Volume is used by pods: default/user']);
    expect(world.client.get(pod, RECYCLER)).toBeUndefined();
    world.client.delete(pod, world.client.get(pod, 'default/user')!, { gracePeriodSeconds: 0 });
    world.run(15);
    expect(world.client.get(pod, RECYCLER)).toBeDefined();
  });

  it('gives a volume back to a cluster that runs its pods', () => {
    const harness = new ClusterHarness();
    const phase = (): string => harness.request('GET', `${VOLUMES}/v`).status.phase as string;
    harness.runFor(5);
    harness.request('POST', VOLUMES, volume({ hostPath: { path: '/srv' } }));
    harness.request('POST', CLAIMS, claim);
    harness.runUntil(() => phase() === 'Bound');
    harness.request('DELETE', `${CLAIMS}/data`);
    harness.runUntil(() => phase() === 'Available');
    const { items } = harness.request('GET', '/api/v1/namespaces/default/events?fieldSelector=involvedObject.name=v');
    const said = (items as readonly Json[]).map(({ reason, message }) => `${reason}: ${message}`);
    expect(said.at(-1)).toBe('VolumeRecycled: Volume recycled');
    expect(said).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^RecyclerPod: Recycler pod: Successfully assigned default\/recycler-for-v to /),
        'RecyclerPod: Recycler pod: Container created',
        'RecyclerPod: Recycler pod: Container started',
      ]),
    );
  });
});
