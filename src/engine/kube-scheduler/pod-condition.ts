import type { Pod, PodCondition } from '../machinery/api/core-v1.js';

/** The pod with this condition in the place of the one of its type, or after the others. */
export function withCondition(pod: Pod, condition: PodCondition): Pod {
  const conditions = pod.status?.conditions ?? [];
  const isKnown = conditions.some(({ type }) => type === condition.type);
  const changed = isKnown
    ? conditions.map((each) => (each.type === condition.type ? condition : each))
    : conditions.concat(condition);
  return { ...pod, status: { ...pod.status, conditions: changed } };
}
