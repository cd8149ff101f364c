import { controllerTable, type BareWorld } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const CLAIM = 'persistentvolumeclaims/default/data';
const VOLUME = 'persistentvolumes/disk';
const DRIVER = 'csidrivers/csi.example.com';
const CLASS = 'storageclasses/fast';
const BEGUN = 'PersistentVolumeClaim/data Normal Resizing: External resizer is resizing volume disk';
const SUCCESS = 'PersistentVolumeClaim/data Normal VolumeResizeSuccessful: Resize volume succeeded';
const failed = (code: string, words = 'no'): string =>
  'PersistentVolumeClaim/data Warning VolumeResizeFailed: resize volume "disk" by resizer "csi.example.com" failed: ' +
  `rpc error: code = ${code} desc = ${words}`;

/** A raw device of 1Gi whose claim wants so much; the driver does as it is told. */
function growing(storage: string, fault?: string, status: Json = {}, more: Json = {}): Record<string, Json> {
  const rest = { accessModes: ['ReadWriteOnce'], volumeMode: 'Block', storageClassName: 'fast', ...more };
  return {
    [CLASS]: { provisioner: 'csi.example.com', allowVolumeExpansion: true },
    [DRIVER]: {
      metadata: { annotations: fault === undefined ? {} : { 'flotilla/ControllerExpandVolume': fault } },
      spec: {},
    },
    [CLAIM]: {
      spec: { ...rest, volumeName: 'disk', resources: { requests: { storage } } },
      status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: rest.accessModes, ...status },
    },
    [VOLUME]: {
      spec: {
        ...rest,
        capacity: { storage: '1Gi' },
        csi: { driver: 'csi.example.com', volumeHandle: 'h' },
        claimRef: { namespace: 'default', name: 'data', uid: `@${CLAIM}` },
      },
      status: { phase: 'Bound' },
    },
  };
}

const size = (storage: string): Json => ({ spec: { capacity: { storage } } });
const status = (rest: Json): Json => ({ [CLAIM]: { status: rest } });
const error = (code: string, words = 'no'): Json => ({
  type: 'ControllerResizeError',
  status: 'True',
  message: `failed to expand pvc with rpc error: code = ${code} desc = ${words}`,
});
const resizing = { type: 'Resizing', status: 'True' };
const want = (world: BareWorld, storage: string): void =>
  world.patch(CLAIM, { spec: { resources: { requests: { storage } } } });
const heal = (world: BareWorld): void => world.patch(DRIVER, { metadata: { annotations: null } });
const grown = (storage: string): Json => ({
  ...status({
    capacity: { storage },
    allocatedResources: { storage },
    allocatedResourceStatuses: undefined,
    conditions: undefined,
  }),
  [VOLUME]: size(storage),
});

describe('the resizer of a simulated driver', () => {
  controllerTable('csi-provisioner', [
    { name: 'grows a volume', before: growing('3Gi'), after: grown('3Gi'), events: [BEGUN, SUCCESS] },
    { name: 'leaves a volume alone that is large enough', before: growing('1Gi'), after: { [VOLUME]: size('1Gi') } },
    {
      name: 'leaves volumes of a driver alone that is not there',
      before: Object.fromEntries(Object.entries(growing('3Gi')).filter(([path]) => path !== DRIVER)),
      after: { [VOLUME]: size('1Gi') },
    },
    {
      name: 'says that a driver failed, and that it has given up',
      before: growing('3Gi', 'Internal: no'),
      seconds: 0.9,
      after: {
        ...status({
          allocatedResources: { storage: '3Gi' },
          allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
          conditions: [resizing, error('Internal')],
        }),
        [VOLUME]: size('1Gi'),
      },
      events: [BEGUN, failed('Internal')],
    },
    {
      name: 'tries again one, two and four seconds later',
      before: growing('3Gi', 'Internal: no'),
      seconds: 9.5,
      after: status({ conditions: [resizing, error('Internal')] }),
      events: [`${BEGUN} (x4)`, `${failed('Internal')} (x4)`],
    },
    {
      name: 'succeeds when the driver does, and forgets that it failed',
      before: growing('3Gi', 'Internal: no'),
      act(world) {
        world.run(0.8);
        heal(world);
      },
      seconds: 2,
      after: grown('3Gi'),
      events: [`${BEGUN} (x2)`, failed('Internal'), SUCCESS],
    },
    {
      name: 'says of the claim that a size is infeasible, and tries it only once more',
      before: growing('3Gi', 'OutOfRange: no'),
      seconds: 290,
      after: status({
        allocatedResources: { storage: '3Gi' },
        allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
        conditions: [resizing, error('OutOfRange')],
      }),
      events: [`${BEGUN} (x2)`, `${failed('OutOfRange')} (x2)`],
    },
    {
      name: 'tries an infeasible size again every five minutes',
      before: growing('3Gi', 'InvalidArgument: no'),
      seconds: 303,
      events: [`${BEGUN} (x3)`, `${failed('InvalidArgument')} (x3)`],
    },
    {
      name: 'turns at once to a smaller size that is wanted instead',
      before: growing('30Gi', 'OutOfRange beyond 10Gi: no'),
      act(world) {
        world.run(5);
        want(world, '5Gi');
      },
      after: grown('5Gi'),
      events: [`${BEGUN} (x3)`, `${failed('OutOfRange')} (x2)`, SUCCESS],
    },
    {
      name: 'turns to a smaller size too where the driver has given up for another reason',
      before: growing('30Gi', 'Internal beyond 10Gi: no'),
      act(world) {
        world.run(0.8);
        want(world, '5Gi');
      },
      after: grown('5Gi'),
      events: [`${BEGUN} (x2)`, failed('Internal'), SUCCESS],
    },
    {
      name: 'goes on with a size as long as nobody knows whether the driver is at it',
      before: growing('30Gi', 'Unavailable beyond 10Gi: no'),
      act(world) {
        world.run(0.8);
        want(world, '5Gi');
      },
      seconds: 2,
      after: {
        ...status({
          allocatedResources: { storage: '30Gi' },
          allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
          conditions: [resizing],
        }),
        [VOLUME]: size('1Gi'),
      },
      events: [`${BEGUN} (x2)`, `${failed('Unavailable')} (x2)`],
    },
    {
      name: 'does not ask again as long as a volume is in use that grows at rest alone',
      before: {
        ...growing('3Gi', 'FailedPrecondition: no'),
        'pods/default/p': {
          spec: {
            containers: [{ name: 'c', image: 'i' }],
            volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
          },
        },
      },
      seconds: 2.4,
      after: { [VOLUME]: size('1Gi') },
      events: [
        BEGUN,
        failed('FailedPrecondition'),
        'PersistentVolumeClaim/data Warning VolumeResizeFailed: Unable to expand default/data because CSI driver ' +
          'csi.example.com only supports offline expansion and volume is currently in-use',
      ],
    },
    {
      name: 'takes up a change of size that was begun before it was started',
      before: growing('5Gi', undefined, {
        allocatedResources: { storage: '3Gi' },
        allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
      }),
      seconds: 2,
      after: grown('5Gi'),
      events: [`${BEGUN} (x2)`, `${SUCCESS} (x2)`],
    },
    {
      name: 'leaves to the kubelet what is the kubelet’s',
      before: growing('3Gi', undefined, {}, { volumeMode: 'Filesystem' }),
      seconds: 30,
      after: {
        ...status({
          capacity: { storage: '1Gi' },
          allocatedResourceStatuses: { storage: 'NodeResizePending' },
          conditions: [resizing, { type: 'FileSystemResizePending' }],
        }),
        [VOLUME]: size('3Gi'),
      },
      events: [
        BEGUN,
        'PersistentVolumeClaim/data Normal FileSystemResizeRequired: Require file system resize of volume on node',
      ],
    },
  ]);
});
