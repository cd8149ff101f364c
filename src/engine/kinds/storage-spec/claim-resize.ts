import type {
  ClaimResourceStatus,
  PersistentVolumeClaim,
  PersistentVolumeClaimCondition,
} from '../../machinery/api/core-v1.js';

const CONDITIONS: readonly string[] = [
  'Resizing',
  'FileSystemResizePending',
  'ControllerResizeError',
  'NodeResizeError',
];

/** How far a claim's volume is on its way to another size; `undefined` where it is at rest. */
export const resizeStatusOf = ({ status }: PersistentVolumeClaim): ClaimResourceStatus | undefined =>
  status?.allocatedResourceStatuses?.['storage'];

/** Whether a kubelet has to go on with it. */
export const awaitsNode = (claim: PersistentVolumeClaim): boolean =>
  ['NodeResizePending', 'NodeResizeInProgress'].includes(resizeStatusOf(claim) ?? '');

/** The claim's conditions but for those that tell of a change of size. */
export const lastingConditions = ({ status }: PersistentVolumeClaim): readonly PersistentVolumeClaimCondition[] =>
  (status?.conditions ?? []).filter(({ type }) => !CONDITIONS.includes(type));

/** A patch of the status of a claim whose volume and what is on it have got the size. */
export function resizedPatch(claim: PersistentVolumeClaim, size: string): object {
  const conditions = lastingConditions(claim);
  return {
    capacity: { storage: size },
    allocatedResourceStatuses: { storage: null },
    conditions: conditions.length === 0 ? null : conditions,
  };
}
