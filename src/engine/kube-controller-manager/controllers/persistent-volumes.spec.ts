import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { node } from '../../kinds/node.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';
const VOLUMES = '/api/v1/persistentvolumes';
const CLASSES = '/apis/storage.k8s.io/v1/storageclasses';

function addVolume(world: ControllerWorld, name: string, storage: string, spec: Json = {}): void {
  const answer = world.harness.request('POST', VOLUMES, {
    metadata: { name, labels: { name } },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'plain',
      hostPath: { path: '/none' },
      ...spec,
    },
  });
  expect(answer.status).toBe(201);
}

function addClaim(world: ControllerWorld, name: string, storage: string, spec: Json = {}): void {
  const answer = world.harness.request('POST', CLAIMS, {
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'plain', resources: { requests: { storage } }, ...spec },
  });
  expect(answer.status).toBe(201);
}

function addClass(world: ControllerWorld, name: string, rest: Json = {}): void {
  world.harness.request('POST', CLASSES, { metadata: { name }, provisioner: 'csi.example.com', ...rest });
}

const addDriver = (world: ControllerWorld): void =>
  void world.harness.request('POST', '/apis/storage.k8s.io/v1/csidrivers', { metadata: { name: 'csi.example.com' } });
const claimOf = (world: ControllerWorld, name: string): Json =>
  world.client.get(persistentVolumeClaim, `default/${name}`);
const volumeOf = (world: ControllerWorld, name: string): Json => world.client.get(persistentVolume, name);
const deleteClaim = (world: ControllerWorld, name: string): void =>
  void world.harness.request('DELETE', `${CLAIMS}/${name}`);

describe('persistentvolume-controller', () => {
  it('gives a claim the smallest volume that is large enough', () => {
    const world = new ControllerWorld();
    addVolume(world, 'large', '10Gi');
    addVolume(world, 'small', '5Gi');
    addVolume(world, 'tiny', '1Gi');
    world.run(1);
    expect(volumeOf(world, 'large').status.phase).toBe('Available');
    addClaim(world, 'data', '2Gi');
    world.run(1);
    expect(claimOf(world, 'data')).toMatchObject({
      metadata: {
        annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' },
      },
      spec: { volumeName: 'small' },
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '5Gi' } },
    });
    expect(volumeOf(world, 'small')).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } },
      spec: { claimRef: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data', apiVersion: 'v1' } },
      status: { phase: 'Bound' },
    });
    expect(world.errors).toEqual([]);
  });

  it('heeds selectors, names and volumes that are meant for somebody', () => {
    const world = new ControllerWorld();
    addVolume(world, 'a', '1Gi');
    addVolume(world, 'b', '2Gi');
    addVolume(world, 'kept', '1Gi', { claimRef: { namespace: 'default', name: 'meant' } });
    world.run(1);
    addClaim(world, 'picky', '1Gi', { selector: { matchLabels: { name: 'b' } } });
    addClaim(world, 'named', '1Gi', { volumeName: 'later' });
    addClaim(world, 'meant', '1Gi');
    world.run(1);
    expect(claimOf(world, 'picky').spec.volumeName).toBe('b');
    expect(claimOf(world, 'meant').spec.volumeName).toBe('kept');
    expect(claimOf(world, 'named').status.phase).toBe('Pending');
    addVolume(world, 'later', '3Gi');
    world.run(1);
    expect(claimOf(world, 'named').status).toMatchObject({ phase: 'Bound', capacity: { storage: '3Gi' } });
  });

  it.each([
    [
      { storageClassName: '' },
      'FailedBinding: no persistent volumes available for this claim and no storage class is set',
    ],
    [{ storageClassName: 'none' }, 'ProvisioningFailed: storageclass.storage.k8s.io "none" not found'],
    [{ storageClassName: 'late' }, 'WaitForFirstConsumer: waiting for first consumer to be created before binding'],
    [{ volumeName: 'small' }, 'VolumeMismatch: Cannot bind to requested volume "small": requested PV is too small'],
  ])('says why a claim waits: %j', (spec, words) => {
    const world = new ControllerWorld();
    addClass(world, 'late', { volumeBindingMode: 'WaitForFirstConsumer' });
    addVolume(world, 'small', '1Mi');
    world.run(1);
    addClaim(world, 'data', '1Gi', spec);
    world.run(1);
    expect(world.said('data')).toEqual([words]);
    expect(claimOf(world, 'data').status.phase).toBe('Pending');
  });

  it('releases volumes of claims that are gone, and loses claims of volumes that are gone', () => {
    const world = new ControllerWorld();
    addVolume(world, 'a', '1Gi');
    world.run(1);
    addClaim(world, 'one', '1Gi');
    world.run(1);
    deleteClaim(world, 'one');
    world.run(1);
    expect(volumeOf(world, 'a').status.phase).toBe('Released');
    addClaim(world, 'two', '1Gi');
    world.run(1);
    expect(claimOf(world, 'two').status.phase).toBe('Pending');
    world.client.patch(persistentVolume, 'a', { spec: { claimRef: null } });
    world.run(1);
    expect(claimOf(world, 'two').status.phase).toBe('Bound');
    world.client.patch(persistentVolume, 'a', { metadata: { finalizers: null } });
    world.client.delete(persistentVolume, volumeOf(world, 'a'));
    world.client.patch(persistentVolume, 'a', { metadata: { finalizers: null } });
    world.run(1);
    if (volumeOf(world, 'a') === undefined) {
      expect(claimOf(world, 'two').status.phase).toBe('Lost');
      expect(world.said('two').at(-1)).toMatch(/^ClaimLost: Bound claim has lost its PersistentVolume/);
    }
  });

  it('fails to delete what nobody can delete', () => {
    const world = new ControllerWorld();
    addVolume(world, 'a', '1Gi', {
      persistentVolumeReclaimPolicy: 'Delete',
      hostPath: null,
      nfs: { server: 's', path: '/x' },
    });
    world.run(1);
    addClaim(world, 'one', '1Gi');
    world.run(1);
    deleteClaim(world, 'one');
    world.run(1);
    const message = 'error getting deleter volume plugin for volume "a": no deletable volume plugin matched';
    expect(volumeOf(world, 'a').status).toMatchObject({ phase: 'Failed', message });
    expect(world.said('a')).toEqual([`VolumeFailedDelete: ${message}`]);
  });
});

describe('a simulated CSI driver', () => {
  it('makes a volume for a claim, and deletes it with the claim', () => {
    const world = new ControllerWorld();
    addClass(world, 'fast', { allowVolumeExpansion: true });
    addClaim(world, 'data', '1Gi', { storageClassName: 'fast' });
    world.run(5);
    expect(claimOf(world, 'data').status.phase).toBe('Pending');
    expect(world.said('data')).toEqual([
      expect.stringMatching(/^ExternalProvisioning: Waiting for a volume to be created/),
    ]);
    addDriver(world);
    world.run(2);
    const { uid } = claimOf(world, 'data').metadata;
    const name = `pvc-${uid}`;
    expect(claimOf(world, 'data')).toMatchObject({ spec: { volumeName: name }, status: { phase: 'Bound' } });
    expect(volumeOf(world, name)).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/provisioned-by': 'csi.example.com' } },
      spec: {
        capacity: { storage: '1Gi' },
        persistentVolumeReclaimPolicy: 'Delete',
        csi: { driver: 'csi.example.com' },
      },
      status: { phase: 'Bound' },
    });
    expect(world.said('data')).toContain(`ProvisioningSucceeded: Successfully provisioned volume ${name}`);
    deleteClaim(world, 'data');
    world.run(5);
    expect(volumeOf(world, name)).toBeUndefined();
    expect(world.errors).toEqual([]);
  });

  it('grows nothing that its class does not let grow', () => {
    const world = new ControllerWorld();
    addDriver(world);
    addClass(world, 'fixed');
    addClaim(world, 'data', '1Gi', { storageClassName: 'fixed' });
    const grow = (): Json =>
      world.harness.request(
        'PATCH',
        `${CLAIMS}/data`,
        { spec: { resources: { requests: { storage: '2Gi' } } } },
        { 'content-type': 'application/merge-patch+json' },
      );
    world.run(2);
    expect(grow()).toMatchObject({
      status: 403,
      json: {
        message:
          'persistentvolumeclaims "data" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      },
    });
  });

  it('waits for a node, and makes the volume in its zone', () => {
    const world = new ControllerWorld();
    addDriver(world);
    addClass(world, 'late', { volumeBindingMode: 'WaitForFirstConsumer' });
    world.client.patch(node, 'worker-1', { metadata: { labels: { 'topology.kubernetes.io/zone': 'a' } } });
    addClaim(world, 'data', '1Gi', { storageClassName: 'late' });
    world.run(3);
    expect(claimOf(world, 'data').status.phase).toBe('Pending');
    const annotations = { 'volume.kubernetes.io/selected-node': 'worker-1' };
    world.client.patch(persistentVolumeClaim, 'default/data', { metadata: { annotations } });
    world.run(3);
    expect(claimOf(world, 'data').status.phase).toBe('Bound');
    expect(volumeOf(world, claimOf(world, 'data').spec.volumeName).spec.nodeAffinity).toEqual({
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['a'] }] },
        ],
      },
    });
  });
});
