import type { Deployment, ReplicaSet } from '../../machinery/api/apps-v1.js';
import { byAge, maxSurgeOf, replicasOf, sumOf } from './replica-sets.js';
import { maxReplicasBefore } from './revisions.js';

/**
 * New sizes of all active sets of a Deployment that is scaled in the middle of a rollout: what is added or taken away is
 * spread by their sizes, larger ones first, so that a bad template never gets more than its share. Rounding's rest goes to the largest.
 */
export function proportionalSizes(
  deployment: Deployment,
  active: readonly ReplicaSet[],
): readonly (readonly [set: ReplicaSet, size: number])[] {
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + maxSurgeOf(deployment) : 0;
  const toAdd = allowed - sumOf(active, replicasOf);
  const sorted = active.toSorted((a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)));
  let added = 0;
  const sizes = sorted.map((set): [ReplicaSet, number] => {
    const share = shareOf(deployment, set, toAdd, added);
    added += share;
    return [set, replicasOf(set) + share];
  });
  const [largest] = sizes;
  if (largest !== undefined && toAdd !== 0) largest[1] = Math.max(largest[1] + toAdd - added, 0);
  return sizes;
}

function shareOf(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  if (replicasOf(set) === 0 || toAdd === 0 || toAdd === added) return 0;
  const fraction = fractionOf(deployment, set);
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added);
}

function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const size = replicasOf(set);
  if (replicasOf(deployment) === 0) return -size;
  const before = maxReplicasBefore(set) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  const next = (size * (replicasOf(deployment) + maxSurgeOf(deployment))) / before;
  return Math.round(next) - size;
}
