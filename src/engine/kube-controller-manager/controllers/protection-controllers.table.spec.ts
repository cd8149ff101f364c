import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const CLAIM = 'persistentvolumeclaims/default/data';
const VOLUME = 'persistentvolumes/disk';
const CLASS = 'volumeattributesclasses/gold';
const POD = 'pods/default/p';
const OTHERS = 'example.com/see';
const SIZE = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

const leaving = (object: Json, finalizers: readonly string[]): Json => ({
  ...object,
  metadata: { ...object.metadata, finalizers, deletionTimestamp: 'now' },
});
const finalizers = (path: string, ...names: readonly string[]): Json => ({
  [path]: { metadata: { finalizers: names.length === 0 ? undefined : names } },
});
const removing =
  (path: string) =>
  (world: { patch(path: string, patch: Json): void }): void =>
    world.patch(path, { metadata: { finalizers: null } });

describe('persistentvolumeclaim-protection-controller', () => {
  const FINALIZER = 'kubernetes.io/pvc-protection';
  const claim: Json = { spec: SIZE };
  const user = (rest: Json = {}, volume: Json = { persistentVolumeClaim: { claimName: 'data' } }): Json => ({
    spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'data', ...volume }] },
    ...rest,
  });
  const kept = finalizers(CLAIM, FINALIZER);
  const gone: Json = { [CLAIM]: undefined };
  const own = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: `@${POD}`, controller: true };
  const template = { volumeClaimTemplate: { spec: SIZE } };

  controllerTable('persistentvolumeclaim-protection-controller', [
    { name: 'protects a claim', before: { [CLAIM]: claim }, act: removing(CLAIM), after: kept },
    {
      name: 'protects a claim beside the finalizers of others',
      before: { [CLAIM]: claim },
      act: (world) => world.patch(CLAIM, { metadata: { finalizers: [OTHERS] } }),
      after: finalizers(CLAIM, OTHERS, FINALIZER),
    },
    { name: 'lets a claim go that no pod uses', before: { [CLAIM]: leaving(claim, [FINALIZER]) }, after: gone },
    {
      name: 'takes only its own finalizer away',
      before: { [CLAIM]: leaving(claim, [OTHERS, FINALIZER]) },
      after: finalizers(CLAIM, OTHERS),
    },
    {
      name: 'does not protect a claim that is on its way out',
      before: { [CLAIM]: leaving(claim, [OTHERS]) },
      act: (world) => world.patch(CLAIM, { metadata: { finalizers: [OTHERS] } }),
      after: finalizers(CLAIM, OTHERS),
    },
    {
      name: 'keeps a claim that a pod on a node uses',
      before: { [POD]: user(), [CLAIM]: leaving(claim, [FINALIZER]) },
      after: kept,
    },
    {
      name: 'keeps a claim that a pod uses that has ended',
      before: { [POD]: user({ status: { phase: 'Succeeded' } }), [CLAIM]: leaving(claim, [FINALIZER]) },
      after: kept,
    },
    {
      name: 'keeps a claim of a pod that is shut down but there',
      before: { [POD]: user({ metadata: { finalizers: [OTHERS] } }), [CLAIM]: leaving(claim, [FINALIZER]) },
      act: (world) => world.remove(POD, { gracePeriodSeconds: 0 }),
      after: kept,
    },
    {
      name: 'lets a claim go that only a pod without a node names',
      before: {
        [POD]: { spec: { ...user().spec, nodeName: undefined } },
        [CLAIM]: leaving(claim, [FINALIZER]),
      },
      after: gone,
    },
    {
      name: 'lets a claim go when the last pod does',
      before: { [POD]: user(), 'pods/default/q': user(), [CLAIM]: leaving(claim, [FINALIZER]) },
      act(world) {
        for (const path of [POD, 'pods/default/q']) world.remove(path, { gracePeriodSeconds: 0 });
      },
      after: gone,
    },
    {
      name: 'keeps a claim while one of two pods is there',
      before: { [POD]: user(), 'pods/default/q': user(), [CLAIM]: leaving(claim, [FINALIZER]) },
      act: (world) => world.remove(POD, { gracePeriodSeconds: 0 }),
      after: kept,
    },
    {
      name: 'minds no pod with another claim, or of another namespace',
      before: {
        'namespaces/team': { spec: {} },
        'serviceaccounts/team/default': {},
        'pods/team/p': user(),
        [POD]: user({}, { persistentVolumeClaim: { claimName: 'other' } }),
        [CLAIM]: leaving(claim, [FINALIZER]),
      },
      after: gone,
    },
    {
      name: 'keeps the claim of a pod’s ephemeral volume',
      before: {
        [POD]: user({}, { ephemeral: template }),
        'persistentvolumeclaims/default/p-data': leaving({ ...claim, metadata: { ownerReferences: [own] } }, [
          FINALIZER,
        ]),
      },
      after: finalizers('persistentvolumeclaims/default/p-data', FINALIZER),
    },
    {
      name: 'lets a claim go that is called like a pod’s ephemeral volume and is not its',
      before: {
        [POD]: user({}, { ephemeral: template }),
        'persistentvolumeclaims/default/p-data': leaving(claim, [FINALIZER]),
      },
      after: { 'persistentvolumeclaims/default/p-data': undefined },
    },
    {
      name: 'lets the claim of an ephemeral volume go when its pod is shut down',
      before: {
        [POD]: user({ metadata: { finalizers: [OTHERS] } }, { ephemeral: template }),
        'persistentvolumeclaims/default/p-data': leaving({ ...claim, metadata: { ownerReferences: [own] } }, [
          FINALIZER,
        ]),
      },
      act: (world) => world.remove(POD, { gracePeriodSeconds: 0 }),
      after: { 'persistentvolumeclaims/default/p-data': undefined, [POD]: {} },
    },
  ]);
});

describe('persistentvolume-protection-controller', () => {
  const FINALIZER = 'kubernetes.io/pv-protection';
  const volume = (phase: string): Json => ({
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/x' } },
    status: { phase },
  });
  controllerTable('persistentvolume-protection-controller', [
    {
      name: 'protects a volume',
      before: { [VOLUME]: volume('Available') },
      act: removing(VOLUME),
      after: finalizers(VOLUME, FINALIZER),
    },
    ...['Pending', 'Available', 'Released', 'Failed'].map((phase) => ({
      name: `lets a volume go that is ${phase}`,
      before: { [VOLUME]: leaving(volume(phase), [FINALIZER]) },
      after: { [VOLUME]: undefined },
    })),
    {
      name: 'keeps a volume that is Bound',
      before: { [VOLUME]: leaving(volume('Bound'), [FINALIZER]) },
      after: finalizers(VOLUME, FINALIZER),
    },
    {
      name: 'lets it go when it is released',
      before: { [VOLUME]: leaving(volume('Bound'), [FINALIZER]) },
      act: (world) => world.patchStatus(VOLUME, { phase: 'Released' }),
      after: { [VOLUME]: undefined },
    },
    {
      name: 'takes only its own finalizer away',
      before: { [VOLUME]: leaving(volume('Released'), [FINALIZER, OTHERS]) },
      after: finalizers(VOLUME, OTHERS),
    },
  ]);
});

describe('volumeattributesclass-protection-controller', () => {
  const FINALIZER = 'kubernetes.io/vac-protection';
  const gold: Json = { driverName: 'csi.example.com', parameters: { iops: '1' } };
  const kept = finalizers(CLASS, FINALIZER);
  const naming = (spec: Json, status: Json = undefined): Json => ({ [CLAIM]: { spec: { ...SIZE, ...spec }, status } });
  controllerTable('volumeattributesclass-protection-controller', [
    { name: 'protects a class', before: { [CLASS]: gold }, act: removing(CLASS), after: kept },
    {
      name: 'lets a class go that nobody names',
      before: { [CLASS]: leaving(gold, [FINALIZER]) },
      after: { [CLASS]: undefined },
    },
    {
      name: 'keeps a class that a claim wants',
      before: { ...naming({ volumeAttributesClassName: 'gold' }), [CLASS]: leaving(gold, [FINALIZER]) },
      after: kept,
    },
    {
      name: 'keeps a class that a claim has',
      before: { ...naming({}, { currentVolumeAttributesClassName: 'gold' }), [CLASS]: leaving(gold, [FINALIZER]) },
      after: kept,
    },
    {
      name: 'keeps a class that a claim is given',
      before: {
        ...naming({}, { modifyVolumeStatus: { status: 'InProgress', targetVolumeAttributesClassName: 'gold' } }),
        [CLASS]: leaving(gold, [FINALIZER]),
      },
      after: kept,
    },
    {
      name: 'keeps a class that a volume has',
      before: {
        [VOLUME]: {
          spec: {
            accessModes: ['ReadWriteOnce'],
            capacity: { storage: '1Gi' },
            csi: { driver: 'csi.example.com', volumeHandle: 'h' },
            volumeAttributesClassName: 'gold',
          },
        },
        [CLASS]: leaving(gold, [FINALIZER]),
      },
      after: kept,
    },
    {
      name: 'lets it go when the claim has another one',
      before: { ...naming({}, { currentVolumeAttributesClassName: 'gold' }), [CLASS]: leaving(gold, [FINALIZER]) },
      act: (world) => world.patchStatus(CLAIM, { currentVolumeAttributesClassName: 'silver' }),
      after: { [CLASS]: undefined },
    },
  ]);
});
