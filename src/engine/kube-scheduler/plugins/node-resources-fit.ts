import { assert } from '../../kernel/assert.js';
import { definePlugin, SCORE_MAX, type CycleState } from '../framework.js';
import { podInfo, type PodInfo } from '../node-info.js';

const NAME = 'NodeResourcesFit';
/** Weighed alike when nodes are compared. */
const COMPARED = ['cpu', 'memory'] as const;

/** Keeps a pod off nodes that lack what it requests, and prefers nodes with more left: the LeastAllocated strategy. */
export const nodeResourcesFit = definePlugin({
  name: NAME,
  retryOn: ['node-added', 'node-updated', 'assigned-pod-deleted', 'assigned-pod-updated', 'pod-updated'],

  preFilter(pod, state) {
    state.set(NAME, podInfo(pod));
    return undefined;
  },

  filter(_pod, node, state) {
    const { requests } = noted(state);
    const reasons: string[] = [];
    let unresolvable = false;
    if (node.podCount + 1 > (node.allocatable['pods'] ?? 0)) reasons.push('Too many pods');
    for (const resource in requests) {
      const wanted = requests[resource] ?? 0;
      const capacity = node.allocatable[resource] ?? 0;
      if (wanted === 0 || wanted <= capacity - (node.requested[resource] ?? 0)) continue;
      reasons.push(`Insufficient ${resource}`);
      if (wanted > capacity) unresolvable = true;
    }
    return reasons.length === 0 ? undefined : { reasons, unresolvable };
  },

  score(_pod, node, state) {
    const { comparable } = noted(state);
    let sum = 0;
    let counted = 0;
    for (const resource of COMPARED) {
      const capacity = node.allocatable[resource] ?? 0;
      if (capacity === 0) continue;
      const used = (node.comparable[resource] ?? 0) + (comparable[resource] ?? 0);
      sum += used > capacity ? 0 : Math.floor(((capacity - used) * SCORE_MAX) / capacity);
      counted++;
    }
    return counted === 0 ? 0 : Math.floor(sum / counted);
  },
});

function noted(state: CycleState): PodInfo {
  const info = state.get(NAME) as PodInfo | undefined;
  assert(info !== undefined, 'preFilter runs before filter and score');
  return info;
}
