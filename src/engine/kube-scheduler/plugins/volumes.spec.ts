import { nodeOf, podOf, TestWorld } from '../../../../test/support/scheduling-world.js';
import type { KubeObject } from '../../machinery/object.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { nodeVolumeLimits } from './node-volume-limits.js';
import { volumeBinding } from './volume-binding.js';
import { volumeRestrictions } from './volume-restrictions.js';
import { volumeZone } from './volume-zone.js';

const ZONE = 'topology.kubernetes.io/zone';
const using = (claimName: string, name = 'p'): Pod =>
  podOf(name, { spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] } });

const claim = (name: string, spec: object = {}, annotations: object = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default', uid: name, annotations },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  }) as KubeObject;

const bound = (name: string, volumeName: string, spec: object = {}) =>
  claim(name, { volumeName, ...spec }, { 'pv.kubernetes.io/bind-completed': 'yes' });

const volume = (name: string, spec: object = {}, labels: object = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, labels },
    spec: { capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'], ...spec },
    status: { phase: 'Available' },
  }) as KubeObject;

const storageClass = (name: string, parts: object = {}) =>
  ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
    ...parts,
  }) as KubeObject;

const inZone = (zone: string) => ({
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: 'In', values: [zone] }] }] },
  },
});

function worldWith(...objects: readonly KubeObject[]): TestWorld {
  const world = new TestWorld(['a', 'b'].map((zone) => nodeOf(zone, { labels: { [ZONE]: zone } })));
  world.objects.put(...objects);
  return world;
}

const NO_MATCH = "node(s) didn't find available persistent volumes to bind";

describe('VolumeBinding', () => {
  it.each<[string, readonly KubeObject[], string[] | undefined, string[] | undefined]>([
    ['a claim that is missing', [], ['persistentvolumeclaim "c" not found'], ['persistentvolumeclaim "c" not found']],
    [
      'a claim that should be bound already',
      [claim('c')],
      ['pod has unbound immediate PersistentVolumeClaims'],
      ['pod has unbound immediate PersistentVolumeClaims'],
    ],
    [
      'a bound claim whose volume is in one zone',
      [bound('c', 'v'), volume('v', inZone('a'))],
      undefined,
      ["node(s) didn't match PersistentVolume's node affinity"],
    ],
    [
      'a bound claim whose volume is gone',
      [bound('c', 'v')],
      ['node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'],
      ['node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'],
    ],
    [
      'a claim that waits, and a free volume in one zone',
      [
        storageClass('s'),
        claim('c', { storageClassName: 's' }),
        volume('v', { storageClassName: 's', ...inZone('b') }),
      ],
      [NO_MATCH],
      undefined,
    ],
    [
      'a claim that waits, and a volume that is too small',
      [
        storageClass('s'),
        claim('c', { storageClassName: 's', resources: { requests: { storage: '3Gi' } } }),
        volume('v', { storageClassName: 's' }),
      ],
      [NO_MATCH],
      [NO_MATCH],
    ],
    [
      'a claim that can be provisioned in one zone',
      [
        storageClass('s', {
          provisioner: 'csi.example',
          allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ['a'] }] }],
        }),
        claim('c', { storageClassName: 's' }),
      ],
      undefined,
      [NO_MATCH],
    ],
    [
      'a claim whose driver knows how much it has',
      [
        storageClass('s', { provisioner: 'csi.example' }),
        {
          apiVersion: 'storage.k8s.io/v1',
          kind: 'CSIDriver',
          metadata: { name: 'csi.example' },
          spec: { storageCapacity: true },
        } as KubeObject,
        {
          apiVersion: 'storage.k8s.io/v1',
          kind: 'CSIStorageCapacity',
          metadata: { name: 'x', namespace: 'kube-system' },
          storageClassName: 's',
          capacity: '5Gi',
          nodeTopology: { matchLabels: { [ZONE]: 'a' } },
        } as KubeObject,
        claim('c', { storageClassName: 's' }),
      ],
      undefined,
      ['node(s) did not have enough free storage'],
    ],
  ])('for %s', (_, objects, onA, onB) => {
    const world = worldWith(...objects);
    expect(world.verdict(volumeBinding, using('c'), 'a')).toEqual(onA);
    expect(world.verdict(volumeBinding, using('c'), 'b')).toEqual(onB);
  });

  it('promises a volume once, until the decision is given up', () => {
    const world = worldWith(
      storageClass('s'),
      claim('c', { storageClassName: 's' }),
      claim('d', { storageClassName: 's' }),
      volume('v', { storageClassName: 's' }),
    );
    const reservation = volumeBinding.reserve?.(world.cycle(using('c')), world.node('a'));
    expect(world.verdict(volumeBinding, using('d'), 'a')).toEqual([NO_MATCH]);
    reservation?.undo();
    expect(world.verdict(volumeBinding, using('d'), 'a')).toBeUndefined();
  });
});

describe('VolumeZone', () => {
  it('keeps a pod where the labels of its volume say', () => {
    const world = worldWith(bound('c', 'v'), volume('v', {}, { [ZONE]: 'a__c' }));
    expect(world.verdict(volumeZone, using('c'), 'a')).toBeUndefined();
    expect(world.verdict(volumeZone, using('c'), 'b')).toEqual(['node(s) had no available volume zone']);
  });
});

describe('VolumeRestrictions', () => {
  it('lets one pod alone use a claim that says so', () => {
    const world = worldWith(bound('c', 'v', { accessModes: ['ReadWriteOncePod'] }), volume('v')).place(
      'a',
      using('c', 'first'),
    );
    expect(world.verdict(volumeRestrictions, using('c'), 'b')).toEqual([
      'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
    ]);
  });

  it.each([
    [false, ['node(s) had no available disk']],
    [true, undefined],
  ])('shares a disk among readers: %s', (readOnly, expected) => {
    const disk = (name: string) =>
      podOf(name, { spec: { volumes: [{ name: 'd', gcePersistentDisk: { pdName: 'x', readOnly } }] } });
    const world = worldWith().place('a', disk('first'));
    expect(world.verdict(volumeRestrictions, disk('p'), 'a')).toEqual(expected);
    expect(world.verdict(volumeRestrictions, disk('p'), 'b')).toBeUndefined();
  });
});

describe('NodeVolumeLimits', () => {
  it('counts the volumes of each driver once', () => {
    const csi = (name: string) => volume(name, { csi: { driver: 'csi.example', volumeHandle: name } });
    const limit = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata: { name: 'a' },
      spec: { drivers: [{ name: 'csi.example', nodeID: 'a', allocatable: { count: 1 } }] },
    } as KubeObject;
    const world = worldWith(bound('c', 'v'), bound('d', 'w'), csi('v'), csi('w'), limit).place(
      'a',
      using('c', 'first'),
    );
    expect(world.verdict(nodeVolumeLimits, using('d'), 'a')).toEqual(['node(s) exceed max volume count']);
    expect(world.verdict(nodeVolumeLimits, using('c', 'same'), 'a')).toBeUndefined();
    expect(world.verdict(nodeVolumeLimits, using('d'), 'b')).toBeUndefined();
  });
});
