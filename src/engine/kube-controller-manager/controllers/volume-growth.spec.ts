import { ClusterHarness } from '../../../../test/support/cluster-harness.js';
import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';
const CLASSES = '/apis/storage.k8s.io/v1/storageclasses';
const DRIVERS = '/apis/storage.k8s.io/v1/csidrivers';

const driver: Json = { metadata: { name: 'csi.example.com' } };
const growing: Json = { metadata: { name: 'fast' }, provisioner: 'csi.example.com', allowVolumeExpansion: true };
const claimOf = (spec: Json): Json => ({
  metadata: { name: 'data' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'fast',
    resources: { requests: { storage: '1Gi' } },
    ...spec,
  },
});
const wanted = (storage: string): Json => ({ spec: { resources: { requests: { storage } } } });
const EXTERNAL = 'ExternalExpanding: waiting for an external controller to expand this PVC';

function bound(spec: Json): ControllerWorld {
  const world = new ControllerWorld();
  for (const [path, body] of [
    [DRIVERS, driver],
    [CLASSES, growing],
    [CLAIMS, claimOf(spec)],
  ] as const)
    expect(world.harness.request('POST', path, body).status).toBe(201);
  world.run(3);
  expect(statusOf(world).phase).toBe('Bound');
  return world;
}

const grow = (world: ControllerWorld, storage: string): void =>
  world.client.patch(persistentVolumeClaim, 'default/data', wanted(storage));
const found = (world: ControllerWorld): Json => world.client.get(persistentVolumeClaim, 'default/data');
const statusOf = (world: ControllerWorld): Json => found(world).status;
const saidOfGrowth = (world: ControllerWorld): readonly string[] =>
  world.said('data').filter((each) => /Expanding|Resiz/.test(each));

describe('a claim that wants more', () => {
  it.each([
    ['of a raw device', { volumeMode: 'Block' }],
    ['of a shared file system', { accessModes: ['ReadWriteMany'] }],
  ])('gets it from its driver alone: %s', (_what, spec) => {
    const world = bound(spec);
    const { volumeName } = found(world).spec;
    grow(world, '3Gi');
    world.run(0.1);
    expect(statusOf(world)).toMatchObject({
      capacity: { storage: '1Gi' },
      allocatedResources: { storage: '3Gi' },
      allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
      conditions: [{ type: 'Resizing', status: 'True' }],
    });
    world.run(2);
    expect(statusOf(world)).toMatchObject({ capacity: { storage: '3Gi' }, allocatedResources: { storage: '3Gi' } });
    expect(statusOf(world).conditions).toBeUndefined();
    expect(statusOf(world).allocatedResourceStatuses).toBeUndefined();
    expect(found(world).metadata.annotations).toMatchObject({
      'volume.kubernetes.io/node-expansion-not-required': 'true',
    });
    expect(world.client.get(persistentVolume, volumeName as string)?.spec.capacity).toEqual({ storage: '3Gi' });
    expect(saidOfGrowth(world)).toEqual([
      EXTERNAL,
      `Resizing: External resizer is resizing volume ${volumeName as string}`,
      'VolumeResizeSuccessful: Resize volume succeeded',
    ]);
    expect(world.errors).toEqual([]);
  });

  it('waits for a node where there is a file system to grow, and finishes that before it turns to a newer wish', () => {
    const world = bound({});
    const { volumeName } = found(world).spec;
    grow(world, '3Gi');
    world.run(2);
    const pending = {
      capacity: { storage: '1Gi' },
      allocatedResources: { storage: '3Gi' },
      allocatedResourceStatuses: { storage: 'NodeResizePending' },
      conditions: [
        { type: 'Resizing', status: 'True' },
        {
          type: 'FileSystemResizePending',
          status: 'True',
          message: 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.',
        },
      ],
    };
    expect(statusOf(world)).toMatchObject(pending);
    expect(saidOfGrowth(world)).toEqual([
      EXTERNAL,
      `Resizing: External resizer is resizing volume ${volumeName as string}`,
      'FileSystemResizeRequired: Require file system resize of volume on node',
    ]);
    grow(world, '5Gi');
    world.run(5);
    expect(statusOf(world)).toMatchObject(pending);
    expect(world.client.get(persistentVolume, volumeName as string)?.spec.capacity).toEqual({ storage: '3Gi' });
  });
});

describe('a claim that wants other attributes', () => {
  const CLASS = '/apis/storage.k8s.io/v1/volumeattributesclasses';
  const ask = (world: ControllerWorld): void =>
    world.client.patch(persistentVolumeClaim, 'default/data', { spec: { volumeAttributesClassName: 'gold' } });
  const gold: Json = { metadata: { name: 'gold' }, driverName: 'csi.example.com', parameters: { iops: '9' } };

  it('gets them from its driver, as soon as the class is there', () => {
    const world = bound({});
    ask(world);
    world.run(1);
    expect(statusOf(world).modifyVolumeStatus).toMatchObject({ status: 'Pending' });
    expect(world.said('data')).toContain('VolumeModifyFailed: VAC "gold" does not exist.');
    world.harness.request('POST', CLASS, gold);
    world.run(0.1);
    expect(statusOf(world)).toMatchObject({
      modifyVolumeStatus: { status: 'InProgress', targetVolumeAttributesClassName: 'gold' },
      conditions: [{ type: 'ModifyingVolume', status: 'True', message: 'Modifying volume to "gold" is in progress.' }],
    });
    world.run(2);
    const { status, spec } = found(world);
    expect(status.currentVolumeAttributesClassName).toBe('gold');
    expect(status.modifyVolumeStatus).toBeUndefined();
    expect(status.conditions).toBeUndefined();
    expect(world.client.get(persistentVolume, spec.volumeName as string)?.spec.volumeAttributesClassName).toBe('gold');
    expect(world.said('data').slice(-2)).toEqual([
      'VolumeModify: external resizer is modifying volume data with vac gold',
      'VolumeModifySuccessful: external resizer modified volume data with vac gold successfully',
    ]);
    expect(world.errors).toEqual([]);
  });
});

describe('a node with a volume that has grown', () => {
  const pod: Json = {
    metadata: { name: 'user' },
    spec: {
      containers: [{ name: 'app', image: 'registry.example/app:1' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    },
  };
  const PODS = '/api/v1/namespaces/default/pods';

  function cluster(): ClusterHarness {
    const harness = new ClusterHarness();
    harness.runFor(5);
    harness.request('POST', DRIVERS, driver);
    harness.request('POST', CLASSES, growing);
    harness.request('POST', CLAIMS, claimOf({}));
    return harness;
  }
  const claim = (harness: ClusterHarness): Json => harness.request('GET', `${CLAIMS}/data`);
  const isRunning = (harness: ClusterHarness): boolean =>
    harness.request('GET', `${PODS}/user`).status.phase === 'Running';
  const isGrown = (harness: ClusterHarness, size: string): boolean => claim(harness).status.capacity.storage === size;
  const said = (harness: ClusterHarness, name: string): readonly string[] =>
    (
      harness.request('GET', `/api/v1/namespaces/default/events?fieldSelector=involvedObject.name=${name}`)
        .items as readonly Json[]
    ).map(({ reason, message }) => `${reason}: ${message}`);

  it('grows the file system under a pod that runs', () => {
    const harness = cluster();
    harness.request('POST', PODS, pod);
    harness.runUntil(() => isRunning(harness));
    harness.patch(`${CLAIMS}/data`, wanted('3Gi'));
    harness.runUntil(() => isGrown(harness, '3Gi'), 90);
    const { spec, status } = claim(harness);
    expect(status.conditions).toBeUndefined();
    expect(status.allocatedResourceStatuses).toBeUndefined();
    const { nodeName } = harness.request('GET', `${PODS}/user`).spec;
    const words = `FileSystemResizeSuccessful: MountVolume.NodeExpandVolume succeeded for volume "${spec.volumeName}" ${nodeName}`;
    expect(said(harness, 'data')).toContain(words);
    expect(said(harness, 'user')).toContain(words);
  });

  it('grows it as a pod starts', () => {
    const harness = cluster();
    harness.runUntil(() => claim(harness).status.phase === 'Bound');
    harness.patch(`${CLAIMS}/data`, wanted('3Gi'));
    harness.runFor(120);
    expect(isGrown(harness, '3Gi')).toBe(false);
    harness.request('POST', PODS, pod);
    harness.runUntil(() => isRunning(harness));
    expect(isGrown(harness, '3Gi')).toBe(true);
  });
});
