import { parseTimestamp, type Instant } from '../../kernel/clock.js';
import type { ContainerStatus, Pod } from '../../machinery/api/core-v1.js';
import { isActive, isReady, readyTransition } from '../pods.js';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const NANOSECONDS_PER_MILLISECOND = 1e6;

/**
 * The pods in the order in which upstream's `ActivePodsWithRanks` deletes them: unassigned, pending, not ready, cheap,
 * crowded on a node, lately ready, often restarted, young. Ages count by their logarithm, so that chance (the uid) decides among
 * pods of about the same age. `related` are the pods that count as crowding a node.
 */
export function inDeletionOrder(pods: readonly Pod[], related: readonly Pod[], now: Instant): readonly Pod[] {
  const crowd = new Map<string, number>();
  for (const each of related) {
    if (!isActive(each)) continue;
    const nodeName = each.spec.nodeName ?? '';
    crowd.set(nodeName, (crowd.get(nodeName) ?? 0) + 1);
  }
  return pods
    .map((pod) => traitsOf(pod, crowd, now))
    .sort(byTraits)
    .map(({ pod }) => pod);
}

interface Traits {
  readonly pod: Pod;
  readonly isAssigned: boolean;
  readonly phase: number;
  readonly isReady: boolean;
  readonly cost: number;
  readonly crowd: number;
  readonly readyAge: number | undefined;
  readonly restarts: readonly [containers: number, sidecars: number];
  readonly age: number | undefined;
  readonly uid: string;
}

const traitsOf = (pod: Pod, crowd: ReadonlyMap<string, number>, now: Instant): Traits => {
  const { spec, status, metadata } = pod;
  const nodeName = spec.nodeName ?? '';
  const ready = isReady(pod);
  return {
    pod,
    isAssigned: nodeName !== '',
    phase: PHASE_RANK[status?.phase ?? ''] ?? 0,
    isReady: ready,
    cost: deletionCost(metadata.annotations?.[DELETION_COST]),
    crowd: crowd.get(nodeName) ?? 0,
    readyAge: ready ? ageSince(readyTransition(pod), now) : undefined,
    restarts: restartsOf(pod),
    age: ageSince(parseTimestamp(metadata.creationTimestamp ?? ''), now),
    uid: metadata.uid ?? '',
  };
};

function byTraits(a: Traits, b: Traits): number {
  return (
    Number(a.isAssigned) - Number(b.isAssigned) ||
    a.phase - b.phase ||
    Number(a.isReady) - Number(b.isReady) ||
    a.cost - b.cost ||
    b.crowd - a.crowd ||
    (a.isReady && b.isReady ? byAge(a.readyAge, b.readyAge, a, b) : 0) ||
    b.restarts[0] - a.restarts[0] ||
    b.restarts[1] - a.restarts[1] ||
    byAge(a.age, b.age, a, b)
  );
}

/** Younger first; where there is no time at all, that one first. */
function byAge(left: number | undefined, right: number | undefined, a: Traits, b: Traits): number {
  if (left === right) return 0;
  if (left === undefined) return -1;
  if (right === undefined) return 1;
  return logarithmOf(left) - logarithmOf(right) || (a.uid < b.uid ? -1 : 1);
}

const ageSince = (time: Instant | undefined, now: Instant): number | undefined =>
  time === undefined ? undefined : now - time;

const logarithmOf = (age: number): number => (age > 0 ? Math.floor(Math.log2(age * NANOSECONDS_PER_MILLISECOND)) : -1);

const deletionCost = (text: string | undefined): number =>
  text !== undefined && /^(?:0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0;

function restartsOf({ spec, status }: Pod): readonly [containers: number, sidecars: number] {
  const sidecars = spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? [];
  if (sidecars.length === 0) return [mostRestarts(status?.containerStatuses), 0];
  const names = new Set(sidecars.map(({ name }) => name));
  const ofSidecars = status?.initContainerStatuses?.filter(({ name }) => names.has(name));
  return [mostRestarts(status?.containerStatuses), mostRestarts(ofSidecars)];
}

const mostRestarts = (statuses: readonly ContainerStatus[] | undefined): number =>
  statuses?.reduce((most, { restartCount }) => Math.max(most, restartCount), 0) ?? 0;
