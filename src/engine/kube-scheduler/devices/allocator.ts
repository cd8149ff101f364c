// Mirrors upstream's structured allocator with the features that are on by default: prioritised lists and admin access.
// It leaves out what is off: shared counters, consumable capacity, taints, binding conditions, nodes by device.
import { assert } from '../../kernel/assert.js';
import type { Node } from '../../machinery/api/core-v1.js';
import type { ResourceClaim } from '../../machinery/api/resource-v1.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import { PluginFailure } from '../plugin-failure.js';
import { planOn, plansFor, type DevicePlan } from './device-plan.js';
import type { DevicePool, DevicePools } from './device-pools.js';
import { DeviceSearch, RESULTS_MAX, type ClaimSolution, type SearchBudget } from './device-search.js';
import type { DeviceSelectors } from './device-selectors.js';

export interface AllocatorInput {
  readonly objects: ResourceReader;
  readonly pools: DevicePools;
  readonly selectors: DeviceSelectors;
  readonly budget: SearchBudget;
  /** Whether a claim has the device already; `id` is `driver/pool/device`. */
  isInUse(id: string): boolean;
}

export type Allocation =
  /** In the order of the claims. */
  | { readonly solutions: readonly ClaimSolution[]; readonly reason?: never }
  /** Why there are none on this node, in upstream's words. */
  | { readonly reason: string; readonly solutions?: never };

type Plans = readonly (readonly (readonly DevicePlan[])[])[];

/** Finds devices for claims on one node after the other. */
export class Allocator {
  readonly #input: AllocatorInput;
  readonly #claims: readonly ResourceClaim[];
  readonly #plans: Plans;
  readonly #differs: boolean;
  /** Nothing is taken while nodes are looked at. */
  readonly #inUse = new Map<string, boolean>();

  /** Throws a PluginFailure where something is wrong with a claim or a class. */
  constructor(input: AllocatorInput, claims: readonly ResourceClaim[]) {
    this.#input = input;
    this.#claims = claims;
    this.#plans = claims.map((claim) =>
      (claim.spec.devices?.requests ?? []).map((each) => plansFor(input.objects, claim, each)),
    );
    this.#differs = this.#plans.some((requests) => requests.some((ways) => ways.some(({ all }) => all !== undefined)));
    if (!this.#differs) this.#checkCounts(this.#plans);
  }

  /** Throws a PluginFailure where a selector fails, or where there is no telling what all devices are. */
  on(node: Node): Allocation {
    const { selectors, budget } = this.#input;
    const pools = this.#input.pools.of(node);
    const plans = this.#differs ? this.#plansWith(pools) : this.#plans;
    const isInUse = (id: string): boolean => this.#isInUse(id);
    const outcome = new DeviceSearch({ claims: this.#claims, plans, pools, selectors, budget, isInUse }).run();
    if (outcome === 'exhausted') return { reason: 'timed out trying to allocate devices' };
    if (outcome !== 'none') return { solutions: outcome };
    const isInvalid = pools.some(({ state }) => state === 'invalid');
    return { reason: isInvalid ? 'invalid resource pools were encountered' : 'cannot allocate all claims' };
  }

  #isInUse(id: string): boolean {
    const known = this.#inUse.get(id);
    if (known !== undefined) return known;
    const isInUse = this.#input.isInUse(id);
    this.#inUse.set(id, isInUse);
    return isInUse;
  }

  #plansWith(pools: readonly DevicePool[]): Plans {
    const { selectors } = this.#input;
    const plans = this.#plans.map((requests, index) => {
      const claim = this.#claims[index];
      assert(claim !== undefined, 'plans are those of the claims');
      return requests.map((ways) => ways.map((plan) => planOn(plan, claim, { pools, selectors })));
    });
    this.#checkCounts(plans);
    return plans;
  }

  /** Even with the alternatives that take the fewest. */
  #checkCounts(plans: Plans): void {
    for (const [index, requests] of plans.entries()) {
      const fewest = requests.reduce((sum, ways) => sum + Math.min(...ways.map(({ count }) => count)), 0);
      if (fewest <= RESULTS_MAX) continue;
      const { namespace = '', name = '' } = this.#claims[index]?.metadata ?? {};
      const rule = `number of requested devices ${fewest} exceeds the claim limit of ${RESULTS_MAX}`;
      throw new PluginFailure(`claim ${namespace}/${name}: ${rule}`);
    }
  }
}
