import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const CLAIM = 'persistentvolumeclaims/default/data';
const VOLUME = 'persistentvolumes/disk';
const DRIVER = 'csidrivers/csi.example.com';
const GOLD = 'volumeattributesclasses/gold';
const BEGUN = 'PersistentVolumeClaim/data Normal VolumeModify: external resizer is modifying volume data with vac gold';
const SUCCESS =
  'PersistentVolumeClaim/data Normal VolumeModifySuccessful: external resizer modified volume data with vac gold successfully';
/** Twice: that it is pending is a change of the claim, which brings it back. */
const MISSING = 'PersistentVolumeClaim/data Warning VolumeModifyFailed: VAC "gold" does not exist. (x2)';

const gold = { driverName: 'csi.example.com', parameters: { iops: '1' } };

/** A bound claim that wants the class; `claim` says more of its spec, `status` of where it stands. */
function wanting(status: Json = {}, claim: Json = { volumeAttributesClassName: 'gold' }): Record<string, Json> {
  const accessModes = ['ReadWriteOnce'];
  return {
    [DRIVER]: { spec: {} },
    [CLAIM]: {
      spec: { accessModes, volumeName: 'disk', resources: { requests: { storage: '1Gi' } }, ...claim },
      status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes, ...status },
    },
    [VOLUME]: {
      spec: {
        accessModes,
        capacity: { storage: '1Gi' },
        csi: { driver: 'csi.example.com', volumeHandle: 'h' },
        claimRef: { namespace: 'default', name: 'data', uid: `@${CLAIM}` },
      },
      status: { phase: 'Bound' },
    },
  };
}

const modified = {
  [CLAIM]: {
    status: { currentVolumeAttributesClassName: 'gold', modifyVolumeStatus: undefined, conditions: undefined },
  },
  [VOLUME]: { spec: { volumeAttributesClassName: 'gold' } },
};
const untouched = {
  [CLAIM]: { status: { modifyVolumeStatus: undefined } },
  [VOLUME]: { spec: { volumeAttributesClassName: undefined } },
};

describe('what gives a volume other attributes, of a simulated driver', () => {
  controllerTable('csi-provisioner', [
    {
      name: 'gives a volume the class',
      before: { ...wanting(), [GOLD]: gold },
      after: modified,
      events: [BEGUN, SUCCESS],
    },
    {
      name: 'says that it is at work',
      before: { ...wanting(), [GOLD]: gold },
      seconds: 0.4,
      after: {
        [CLAIM]: {
          status: {
            modifyVolumeStatus: { status: 'InProgress', targetVolumeAttributesClassName: 'gold' },
            conditions: [
              { type: 'ModifyingVolume', status: 'True', message: 'Modifying volume to "gold" is in progress.' },
            ],
          },
        },
        [VOLUME]: { spec: { volumeAttributesClassName: undefined } },
      },
      events: [BEGUN],
    },
    {
      name: 'waits for a class that is not there',
      before: wanting(),
      after: { [CLAIM]: { status: { modifyVolumeStatus: { status: 'Pending' } } } },
      events: [MISSING],
    },
    {
      name: 'sets to work when the class comes',
      before: wanting(),
      act: (world) => world.put(GOLD, gold),
      seconds: 2,
      after: modified,
      events: [MISSING, BEGUN, SUCCESS],
    },
    {
      name: 'leaves a claim alone that has its class',
      before: { ...wanting({ currentVolumeAttributesClassName: 'gold' }), [GOLD]: gold },
      after: untouched,
    },
    { name: 'leaves a claim alone that wants none', before: { ...wanting({}, {}), [GOLD]: gold }, after: untouched },
    {
      name: 'leaves a claim alone that is not bound',
      before: { ...wanting({ phase: 'Pending' }), [GOLD]: gold },
      after: untouched,
    },
    {
      name: 'leaves volumes of a driver alone that is not there',
      before: Object.fromEntries(Object.entries({ ...wanting(), [GOLD]: gold }).filter(([path]) => path !== DRIVER)),
      after: untouched,
    },
  ]);
});
