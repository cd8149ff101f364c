import { parseTimestamp, type Instant } from '../kernel/clock.js';
import type { Pod, PodCondition } from '../machinery/api/core-v1.js';

const isTerminal = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** Neither finished nor on its way out. */
export const isActive = (pod: Pod): boolean => pod.metadata.deletionTimestamp === undefined && !isTerminal(pod);

/** On its way out and still running. */
export const isTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined && !isTerminal(pod);

export const conditionOf = ({ status }: Pod, type: string): PodCondition | undefined =>
  status?.conditions?.find((each) => each.type === type);

export const isReady = (pod: Pod): boolean => conditionOf(pod, 'Ready')?.status === 'True';

/** When its readiness last changed. */
export function readyTransition(pod: Pod): Instant | undefined {
  const time = conditionOf(pod, 'Ready')?.lastTransitionTime;
  return time === undefined || time === null ? undefined : parseTimestamp(time);
}

/** Ready for at least so long. */
export function isAvailable(pod: Pod, minReadySeconds: number, now: Instant): boolean {
  if (!isReady(pod)) return false;
  if (minReadySeconds === 0) return true;
  const since = readyTransition(pod);
  return since !== undefined && since + minReadySeconds * 1_000 <= now;
}

/** Sets a condition as upstream's `UpdatePodCondition` does; `undefined` when nothing changes. */
export function withPodCondition(
  conditions: readonly PodCondition[],
  condition: PodCondition,
  now: string,
): readonly PodCondition[] | undefined {
  const old = conditions.find(({ type }) => type === condition.type);
  if (old === undefined) return [...conditions, { lastProbeTime: null, ...condition, lastTransitionTime: now }];
  const isSame =
    old.status === condition.status &&
    old.reason === condition.reason &&
    old.message === condition.message &&
    old.observedGeneration === condition.observedGeneration;
  if (isSame) return undefined;
  const lastTransitionTime = old.status === condition.status ? (old.lastTransitionTime ?? now) : now;
  return conditions.map((each) => (each === old ? { lastProbeTime: null, ...condition, lastTransitionTime } : each));
}
