import { definePlugin, SCORE_MAX, type Plugin } from '../framework.js';
import { amountOf, CPU_AND_MEMORY, usage, type WeightedResource } from '../resource-shares.js';

interface BalancedAllocationArgs {
  readonly resources?: readonly WeightedResource[];
}

/** Prefers nodes whose resources would be used to like shares. */
export const nodeResourcesBalancedAllocation = balancedAllocationWith({});

function balancedAllocationWith({ resources = CPU_AND_MEMORY }: BalancedAllocationArgs): Plugin {
  return definePlugin({
    name: 'NodeResourcesBalancedAllocation',
    configure: (args) => balancedAllocationWith(args as BalancedAllocationArgs),

    score({ info }) {
      const asked = resources.map(({ name }) => ({ name, amount: amountOf(info.requests, name) }));
      if (asked.every(({ amount }) => amount === 0)) return undefined;
      const shares: number[] = [];
      return {
        score(node) {
          shares.length = 0;
          for (const { name, amount } of asked) {
            const { used, capacity } = usage(node, name, amount);
            if (capacity > 0) shares.push(Math.min(used / capacity, 1));
          }
          return Math.trunc((1 - deviation(shares)) * SCORE_MAX);
        },
      };
    },
  });
}

/** The standard deviation; of two shares it is half their distance. */
function deviation(shares: readonly number[]): number {
  const [first = 0, second = 0] = shares;
  if (shares.length < 2) return 0;
  if (shares.length === 2) return Math.abs((first - second) / 2);
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) * (share - mean), 0) / shares.length);
}
