import { podRequests } from '../../kinds/pod-requests.js';
import { definePlugin, SCORE_MAX } from '../framework.js';

const NAME = 'NodeResourcesBalancedAllocation';

/** Prefers nodes whose CPU and memory would be used to like shares. */
export const nodeResourcesBalancedAllocation = definePlugin({
  name: NAME,

  preScore(pod, _nodes, state) {
    const { cpu = 0, memory = 0 } = podRequests(pod);
    if (cpu === 0 && memory === 0) return 'skip';
    state.set(NAME, { cpu, memory });
    return undefined;
  },

  score(_pod, node, state) {
    const requests = state.get(NAME) as { readonly cpu: number; readonly memory: number };
    const shareOf = (resource: 'cpu' | 'memory'): number | undefined => {
      const capacity = node.allocatable[resource] ?? 0;
      return capacity === 0
        ? undefined
        : Math.min(((node.requested[resource] ?? 0) + requests[resource]) / capacity, 1);
    };
    const cpu = shareOf('cpu');
    const memory = shareOf('memory');
    // With two shares the standard deviation is half their distance; with one it is nothing.
    const deviation = cpu === undefined || memory === undefined ? 0 : Math.abs(cpu - memory) / 2;
    return Math.floor((1 - deviation) * SCORE_MAX);
  },
});
