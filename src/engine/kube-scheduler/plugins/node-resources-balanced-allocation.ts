import { definePlugin, SCORE_MAX, type Plugin } from '../framework.js';
import { amountOf, CPU_AND_MEMORY, isNative, type WeightedResource } from '../resource-shares.js';

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
      const names = resources.map(({ name }) => name);
      const asked = names.map((name) => amountOf(info.requests, name));
      if (asked.every((amount) => amount === 0)) return undefined;
      return {
        score({ allocatable, requested }) {
          const shares: number[] = [];
          for (let index = 0; index < names.length; index++) {
            const name = names[index] ?? '';
            const wanted = asked[index] ?? 0;
            const capacity = allocatable[name] ?? 0;
            if (capacity === 0 || (wanted === 0 && !isNative(name))) continue;
            shares.push(Math.min(((requested[name] ?? 0) + wanted) / capacity, 1));
          }
          return Math.trunc((1 - deviation(shares)) * SCORE_MAX);
        },
      };
    },
  });
}

/** The standard deviation; of two shares it is half their distance. */
function deviation(shares: readonly number[]): number {
  if (shares.length < 2) return 0;
  if (shares.length === 2) return Math.abs(((shares[0] ?? 0) - (shares[1] ?? 0)) / 2);
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) * (share - mean), 0) / shares.length);
}
