// Simulates a driver's external resizer, on its way by which a failed change of size can be taken back. What is a device with
// a file system is grown in two steps, the second of which is the kubelet's; a raw device and a shared file system in one.
import { timestamp } from '../../kernel/clock.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { awaitsNode, lastingConditions, resizedPatch, resizeStatusOf } from '../../kinds/storage-spec/claim-resize.js';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimCondition,
} from '../../machinery/api/core-v1.js';
import { compareQuantities } from '../../machinery/quantity.js';
import type { ReconcileContext } from '../controller.js';
import { sizeOf } from './volume-match.js';

const NODE_IS_SPARED = 'volume.kubernetes.io/node-expansion-not-required';
const NODE_WORDS = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.';

type Context = ReconcileContext<unknown>;
type ConditionType = 'Resizing' | 'FileSystemResizePending';

/** Whether the claim wants more than it has, and it is the driver's turn. */
export function isToGrow(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const wanted = claim.spec.resources?.requests?.['storage'] ?? '0';
  if (compareQuantities(claim.status?.capacity?.['storage'] ?? '0', wanted) >= 0) return false;
  return !awaitsNode(claim) || compareQuantities(sizeOf(volume), allocatedOf(claim)) < 0;
}

export function beginGrowth({ client, key, recorder, simulation }: Context, claim: PersistentVolumeClaim): void {
  const status = {
    conditions: [...lastingConditions(claim), condition('Resizing', timestamp(simulation.now))],
    allocatedResources: { storage: targetOf(claim) },
    allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
  };
  client.patchStatus(persistentVolumeClaim, key, {
    metadata: { annotations: { [NODE_IS_SPARED]: null } },
    status,
  });
  const message = `External resizer is resizing volume ${claim.spec.volumeName ?? ''}`;
  recorder.record(claim, 'Normal', 'Resizing', message);
}

export function endGrowth(context: Context, claim: PersistentVolumeClaim, volume: PersistentVolume): void {
  const { client, key, recorder, simulation } = context;
  const size = targetOf(claim);
  if (compareQuantities(sizeOf(volume), size) < 0) {
    client.patch(persistentVolume, volume.metadata.name, { spec: { capacity: { storage: size } } });
  }
  if (needsNode(volume)) {
    const pending = { ...condition('FileSystemResizePending', timestamp(simulation.now)), message: NODE_WORDS };
    const others = (claim.status?.conditions ?? []).filter(({ type }) => type !== pending.type);
    client.patchStatus(persistentVolumeClaim, key, {
      status: { conditions: [...others, pending], allocatedResourceStatuses: { storage: 'NodeResizePending' } },
    });
    const message = 'Require file system resize of volume on node';
    recorder.record(claim, 'Normal', 'FileSystemResizeRequired', message);
    return;
  }
  client.patchStatus(persistentVolumeClaim, key, {
    metadata: { annotations: { [NODE_IS_SPARED]: 'true' } },
    status: resizedPatch(claim, size),
  });
  recorder.record(claim, 'Normal', 'VolumeResizeSuccessful', 'Resize volume succeeded');
}

/** What was begun is brought to an end before the driver turns to a newer wish. */
const targetOf = (claim: PersistentVolumeClaim): string =>
  resizeStatusOf(claim) === undefined ? (claim.spec.resources?.requests?.['storage'] ?? '0') : allocatedOf(claim);

const allocatedOf = ({ spec, status }: PersistentVolumeClaim): string =>
  status?.allocatedResources?.['storage'] ?? spec.resources?.requests?.['storage'] ?? '0';

const needsNode = ({ spec }: PersistentVolume): boolean =>
  (spec.volumeMode ?? 'Filesystem') === 'Filesystem' && spec.accessModes?.includes('ReadWriteMany') !== true;

const condition = (type: ConditionType, time: string): PersistentVolumeClaimCondition => ({
  type,
  status: 'True',
  lastProbeTime: null,
  lastTransitionTime: time,
});
