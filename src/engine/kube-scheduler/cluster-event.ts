import { podRequests } from '../kinds/pod-requests.js';
import type { Node, Pod } from '../machinery/api/core-v1.js';
import { deepEqual } from '../machinery/equality.js';
import type { KubeObject } from '../machinery/object.js';

/** What happens in a cluster that may let a waiting pod fit: a resource, and what was done to it. */
export type ClusterEvent =
  | 'Node/Add'
  | 'Node/Delete'
  | 'Node/UpdateAllocatable'
  | 'Node/UpdateLabel'
  | 'Node/UpdateTaint'
  | 'Node/UpdateCondition'
  | 'Node/UpdateAnnotation'
  | 'Pod/Add'
  | 'Pod/Delete'
  | 'Pod/Update'
  | 'Pod/UpdateLabel'
  | 'Pod/UpdateScaleDown'
  | 'Pod/UpdateToleration'
  | 'Pod/UpdateSchedulingGatesEliminated'
  | 'Pod/UpdateGeneratedResourceClaim'
  | `${WatchedResource}/${'Add' | 'Update' | 'Delete'}`;

/** Kinds besides nodes and pods whose changes may help a pod. */
export type WatchedResource =
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'StorageClass'
  | 'CSINode'
  | 'CSIDriver'
  | 'CSIStorageCapacity'
  | 'VolumeAttachment'
  | 'ResourceClaim'
  | 'ResourceSlice'
  | 'DeviceClass';

/** One event with the objects it is about: `previous` is absent for an addition, `object` for a deletion. */
export interface Change<T extends KubeObject = KubeObject> {
  readonly event: ClusterEvent;
  readonly object: T | undefined;
  readonly previous: T | undefined;
}

/** What a change of a node amounts to; nothing for a mere heartbeat. */
export function nodeEvents(node: Node, previous: Node): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const becameSchedulable = previous.spec.unschedulable === true && node.spec.unschedulable !== true;
  if (becameSchedulable) events.push('Node/UpdateTaint');
  if (differs(node.status?.allocatable, previous.status?.allocatable)) events.push('Node/UpdateAllocatable');
  if (differs(node.metadata.labels, previous.metadata.labels)) events.push('Node/UpdateLabel');
  if (!becameSchedulable && differs(node.spec.taints, previous.spec.taints)) events.push('Node/UpdateTaint');
  if (conditionsDiffer(node, previous)) events.push('Node/UpdateCondition');
  if (differs(node.metadata.annotations, previous.metadata.annotations)) events.push('Node/UpdateAnnotation');
  return events;
}

/** What a change of a pod amounts to; a plain `Pod/Update` where it is none of the particular ones. */
export function podEvents(pod: Pod, previous: Pod): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  if (differs(pod.metadata.labels, previous.metadata.labels)) events.push('Pod/UpdateLabel');
  if (pod.spec !== previous.spec) {
    if (isScaledDown(pod, previous)) events.push('Pod/UpdateScaleDown');
    const gates = previous.spec.schedulingGates?.length ?? 0;
    if (gates > 0 && (pod.spec.schedulingGates?.length ?? 0) === 0) events.push('Pod/UpdateSchedulingGatesEliminated');
    if (pod.spec.tolerations?.length !== previous.spec.tolerations?.length) events.push('Pod/UpdateToleration');
  }
  if (differs(pod.status?.resourceClaimStatuses, previous.status?.resourceClaimStatuses)) {
    events.push('Pod/UpdateGeneratedResourceClaim');
  }
  return events.length === 0 ? PLAIN_UPDATE : events;
}

const PLAIN_UPDATE: readonly ClusterEvent[] = Object.freeze(['Pod/Update'] as const);

const differs = (a: unknown, b: unknown): boolean => a !== b && !deepEqual(a ?? {}, b ?? {});

function conditionsDiffer(node: Node, previous: Node): boolean {
  const [now, before] = [node.status?.conditions ?? [], previous.status?.conditions ?? []];
  if (now === before) return false;
  if (now.length !== before.length) return true;
  return now.some(({ type, status }) => before.find((each) => each.type === type)?.status !== status);
}

function isScaledDown(pod: Pod, previous: Pod): boolean {
  if (pod.spec.containers === previous.spec.containers) return false;
  const [now, before] = [podRequests(pod), podRequests(previous)];
  return Object.keys(before).some((name) => (now[name] ?? 0) < (before[name] ?? 0) || now[name] === undefined);
}
