import { ControllerWorld } from '../../../../test/support/controller-world.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { pod } from '../../kinds/pod.js';
import { volumeAttributesClass } from '../../kinds/volume-attributes-class.js';

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims';
const PODS = '/api/v1/namespaces/default/pods';
const VOLUMES = '/api/v1/persistentvolumes';
const CLASSES = '/apis/storage.k8s.io/v1/volumeattributesclasses';
const CAPACITY = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

function worldWithClaim(): ControllerWorld {
  const world = new ControllerWorld();
  world.harness.request('POST', CLAIMS, { metadata: { name: 'data' }, spec: CAPACITY });
  return world;
}

function addUser(world: ControllerWorld, nodeName: string): void {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];
  const containers = [{ name: 'c', image: 'i' }];
  const spec = { volumes, containers, nodeName };
  world.client.create(pod, 'default', { metadata: { name: 'user' }, spec });
}

const claim = (world: ControllerWorld) => world.client.get(persistentVolumeClaim, 'default/data');

describe('pvc-protection-controller', () => {
  it('lets a claim go that nobody uses', () => {
    const world = worldWithClaim();
    expect(claim(world)?.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
    world.harness.request('DELETE', `${CLAIMS}/data`);
    expect(claim(world)?.metadata.deletionTimestamp).toBeDefined();
    world.run(1);
    expect(claim(world)).toBeUndefined();
  });

  it('keeps it while a pod on a node uses it', () => {
    const world = worldWithClaim();
    addUser(world, 'worker-1');
    world.harness.request('DELETE', `${CLAIMS}/data`);
    world.run(60);
    expect(claim(world)?.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
    world.harness.request('DELETE', `${PODS}/user?gracePeriodSeconds=0`);
    world.run(1);
    expect(claim(world)).toBeUndefined();
  });

  it('puts the finalizer back that somebody took away', () => {
    const world = worldWithClaim();
    world.client.patch(persistentVolumeClaim, 'default/data', { metadata: { finalizers: null } });
    world.run(1);
    expect(claim(world)?.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
  });
});

describe('pv-protection-controller', () => {
  it.each(['Bound', 'Released'] as const)('answers the deletion of a volume that is %s', (phase) => {
    const world = new ControllerWorld();
    const { accessModes } = CAPACITY;
    const claimRef = { namespace: 'default', name: 'gone', uid: 'gone' };
    const rest = { accessModes, hostPath: { path: '/x' }, ...(phase === 'Released' ? { claimRef } : {}) };
    world.harness.request('POST', VOLUMES, {
      metadata: { name: 'disk' },
      spec: { capacity: { storage: '1Gi' }, ...rest },
    });
    const wanting = { ...CAPACITY, storageClassName: '', volumeName: 'disk' };
    if (phase === 'Bound') world.harness.request('POST', CLAIMS, { metadata: { name: 'data' }, spec: wanting });
    world.run(1);
    expect(world.client.get(persistentVolume, 'disk')?.status?.phase).toBe(phase);
    world.harness.request('DELETE', `${VOLUMES}/disk`);
    world.run(1);
    expect(world.client.get(persistentVolume, 'disk') === undefined).toBe(phase === 'Released');
  });
});

describe('volumeattributesclass-protection-controller', () => {
  it('keeps a class while a claim names it', () => {
    const world = new ControllerWorld();
    world.harness.request('POST', CLASSES, {
      metadata: { name: 'gold' },
      driverName: 'example.com',
      parameters: { iops: '1' },
    });
    world.harness.request('POST', CLAIMS, {
      metadata: { name: 'data' },
      spec: { ...CAPACITY, volumeAttributesClassName: 'gold' },
    });
    world.harness.request('DELETE', `${CLASSES}/gold`);
    world.run(1);
    expect(world.client.get(volumeAttributesClass, 'gold')?.metadata.finalizers).toEqual([
      'kubernetes.io/vac-protection',
    ]);
    world.harness.request('DELETE', `${CLAIMS}/data`);
    world.run(1);
    expect(world.client.get(volumeAttributesClass, 'gold')).toBeUndefined();
  });
});
