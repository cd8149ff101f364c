// What a driver's external resizer says of a claim, on its way by which a failed change of size can be taken back. What is a
// device with a file system is grown in two steps, the second of which is the kubelet's; a raw device and a shared file
// system in one.
import { timestamp } from '../../kernel/clock.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import type { DriverFault } from '../../kinds/storage-spec/driver-faults.js';
import { lastingConditions, resizedPatch, resizeStatusOf } from '../../kinds/storage-spec/claim-resize.js';
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
type ConditionType = 'Resizing' | 'FileSystemResizePending' | 'ControllerResizeError';

/** The size that the driver has to bring the volume to now; `undefined` where it is not its turn. */
export function growthTarget(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
  hasGivenUp: boolean,
): string | undefined {
  const wanted = wantedOf(claim);
  if (compareQuantities(claim.status?.capacity?.['storage'] ?? '0', wanted) >= 0) return undefined;
  const allocated = allocatedOf(claim);
  const begun = allocated ?? wanted;
  const isSmaller = compareQuantities(sizeOf(volume), wanted) < 0;
  switch (resizeStatusOf(claim)) {
    case 'NodeResizePending':
    case 'NodeResizeInProgress':
      return isSmaller && compareQuantities(sizeOf(volume), begun) < 0 ? begun : undefined;
    case 'NodeResizeInfeasible':
      return begun;
    case 'ControllerResizeInProgress':
      return isSmaller && hasGivenUp ? wanted : begun;
    case 'ControllerResizeInfeasible':
      return isSmaller ? wanted : begun;
    default:
      return isSmaller ? wanted : begun;
  }
}

const wantedOf = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0';

export const allocatedOf = ({ status }: PersistentVolumeClaim): string | undefined =>
  status?.allocatedResources?.['storage'];

/** Whether the claim says already that it is being brought to this size. */
export function isBegun(claim: PersistentVolumeClaim, target: string): boolean {
  const allocated = allocatedOf(claim);
  return allocated !== undefined && compareQuantities(allocated, target) === 0;
}

export function sayGrowth({ client, key, simulation }: Context, claim: PersistentVolumeClaim, target: string): void {
  const progress = condition('Resizing', timestamp(simulation.now));
  const metadata = { annotations: { [NODE_IS_SPARED]: null } };
  const status = isBegun(claim, target)
    ? { conditions: withCondition(claim, progress) }
    : {
        conditions: [...lastingConditions(claim), progress],
        allocatedResources: { storage: target },
        allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' },
      };
  client.patchStatus(persistentVolumeClaim, key, { metadata, status });
}

/** What a failure means for the claim; nothing as long as the driver may still be at it. */
export function sayFailure(
  { client, key, simulation }: Context,
  claim: PersistentVolumeClaim,
  fault: DriverFault,
): void {
  if (!fault.isFinal) return;
  const message = `failed to expand pvc with ${fault.message}`;
  const error = { ...condition('ControllerResizeError', timestamp(simulation.now)), message };
  const conditions = withCondition(claim, error);
  const allocatedResourceStatuses = { storage: 'ControllerResizeInfeasible' };
  const status = fault.isInfeasible ? { conditions, allocatedResourceStatuses } : { conditions };
  client.patchStatus(persistentVolumeClaim, key, { status });
}

export function endGrowth(
  context: Context,
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  size: string,
): void {
  const { client, key, recorder, simulation } = context;
  if (compareQuantities(sizeOf(volume), size) < 0) {
    client.patch(persistentVolume, volume.metadata.name, { spec: { capacity: { storage: size } } });
  }
  if (needsNode(volume)) {
    const pending = { ...condition('FileSystemResizePending', timestamp(simulation.now)), message: NODE_WORDS };
    const conditions = withCondition(claim, pending);
    client.patchStatus(persistentVolumeClaim, key, {
      status: { conditions, allocatedResourceStatuses: { storage: 'NodeResizePending' } },
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

const needsNode = ({ spec }: PersistentVolume): boolean =>
  (spec.volumeMode ?? 'Filesystem') === 'Filesystem' && spec.accessModes?.includes('ReadWriteMany') !== true;

const condition = (type: ConditionType, time: string): PersistentVolumeClaimCondition => ({
  type,
  status: 'True',
  lastProbeTime: null,
  lastTransitionTime: time,
});

/** All conditions of the claim, with this one in the place of an older one. */
function withCondition(
  { status }: PersistentVolumeClaim,
  wanted: PersistentVolumeClaimCondition,
): readonly PersistentVolumeClaimCondition[] {
  const conditions = status?.conditions ?? [];
  if (!conditions.some(({ type }) => type === wanted.type)) return [...conditions, wanted];
  return conditions.map((each) => (each.type === wanted.type ? wanted : each));
}
