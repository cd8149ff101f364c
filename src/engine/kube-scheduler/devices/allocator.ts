// Mirrors upstream's structured allocator with the features that are on by default: prioritised lists and admin access.
// It leaves out what is off: shared counters, consumable capacity, taints, binding conditions, nodes by device.
import type { Node } from '../../machinery/api/core-v1.js';
import type { AllocationResult, ResourceClaim } from '../../machinery/api/resource-v1.js';
import { keyOf } from '../../machinery/object.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import { PluginFailure } from '../plugin-failure.js';
import { allocationResult } from './allocation-result.js';
import { plansFor, type DevicePlan } from './device-plan.js';
import { poolsFor } from './device-pools.js';
import { DeviceSearch, RESULTS_MAX, type SearchBudget } from './device-search.js';
import type { DeviceSelectors } from './device-selectors.js';

export interface AllocatorInput {
  readonly objects: ResourceReader;
  readonly selectors: DeviceSelectors;
  readonly budget: SearchBudget;
  /** Whether a claim has the device already; `id` is `driver/pool/device`. */
  isInUse(id: string): boolean;
}

export type Allocation =
  /** In the order of the claims. */
  | { readonly results: readonly AllocationResult[]; readonly reason?: never }
  /** Why there are none on this node, in upstream's words. */
  | { readonly reason: string; readonly results?: never };

/** Finds devices for all claims on one node. Throws a PluginFailure where something is wrong with a claim or a class. */
export function allocate(input: AllocatorInput, node: Node, claims: readonly ResourceClaim[]): Allocation {
  const { objects, selectors, budget } = input;
  const pools = poolsFor(objects, node);
  const plans = claims.map((claim) => {
    const requests = (claim.spec.devices?.requests ?? []).map((each) =>
      plansFor({ objects, selectors, pools }, claim, each),
    );
    checkCount(claim, requests);
    return requests;
  });
  const search = new DeviceSearch({ claims, plans, pools, selectors, budget, isInUse: (id) => input.isInUse(id) });
  const outcome = search.run();
  if (outcome === 'exhausted') return { reason: 'timed out trying to allocate devices' };
  if (outcome === 'none') {
    const isInvalid = pools.some(({ state }) => state === 'invalid');
    return { reason: isInvalid ? 'invalid resource pools were encountered' : 'cannot allocate all claims' };
  }
  return {
    results: claims.map((claim, index) => allocationResult(claim, outcome[index] ?? { taken: [], plans: [] })),
  };
}

/** Even with the alternatives that take the fewest. */
function checkCount(claim: ResourceClaim, requests: readonly (readonly DevicePlan[])[]): void {
  const fewest = requests.reduce((sum, ways) => sum + Math.min(...ways.map(({ count }) => count)), 0);
  if (fewest <= RESULTS_MAX) return;
  const rule = `number of requested devices ${fewest} exceeds the claim limit of ${RESULTS_MAX}`;
  throw new PluginFailure(`claim ${keyOf(claim)}: ${rule}`);
}
