import type { ResourceClaim } from '../../machinery/api/resource-v1.js';
import { PluginFailure } from '../plugin-failure.js';
import type { Candidate, DevicePool } from './device-pools.js';
import { told, willDo, type DevicePlan } from './device-plan.js';
import type { DeviceSelectors } from './device-selectors.js';
import { MatchAttribute } from './match-attribute.js';

/** Devices that one claim can be given. */
export const RESULTS_MAX = 32;
/** Devices that are tried on one node; stands for upstream's ten seconds: virtual time does not pass in thought. */
const STEPS_MAX = 20_000;
/** The same on every node after the attempt's budget is spent. */
const LATE_STEPS_MAX = 500;

/** What all nodes of one attempt to place a pod share. */
export interface SearchBudget {
  readonly perNode: number;
  left: number;
}

/** `effort` is the part, up to 1, of what a search may take at most. */
export function newSearchBudget(effort = 1): SearchBudget {
  const perNode = Math.max(1, Math.round(effort * STEPS_MAX));
  return { perNode, left: 10 * perNode };
}

export interface Taken {
  readonly plan: DevicePlan;
  readonly candidate: Candidate;
}

/** What was found for one claim. */
export interface ClaimSolution {
  readonly taken: readonly Taken[];
  /** The way that was chosen for each request. */
  readonly plans: readonly DevicePlan[];
}

/** `exhausted`: the search was given up. */
export type SearchOutcome = readonly ClaimSolution[] | 'none' | 'exhausted';

export interface SearchInput {
  readonly claims: readonly ResourceClaim[];
  /** By claim and request, the ways to satisfy it. */
  readonly plans: readonly (readonly (readonly DevicePlan[])[])[];
  readonly pools: readonly DevicePool[];
  readonly selectors: DeviceSelectors;
  readonly budget: SearchBudget;
  /** Whether a claim that is not searched for has the device. */
  isInUse(id: string): boolean;
}

/** `too-many`: whatever device were chosen before, the claim would get more than it can be given. */
type Found = 'done' | 'none' | 'too-many';

interface Place {
  readonly claim: number;
  readonly request: number;
  readonly way: number;
  /** How many devices it has so far. */
  readonly device: number;
  /** From which candidate on others may follow: in what order the devices of one request are taken does not matter. */
  readonly from: number;
}

/** Tries devices for one request after the other, each in the order of pools and slices; the first solution is it. */
export class DeviceSearch {
  readonly #input: SearchInput;
  readonly #candidates: readonly Candidate[];
  readonly #constraints: readonly (readonly MatchAttribute[])[];
  /** By device, the claims that it is being taken for. */
  readonly #takers = new Map<string, Set<number>>();
  /** By plan, what is known of each candidate: a selector is asked no earlier than it has to be, since it may fail. */
  readonly #fits = new Map<DevicePlan, (boolean | undefined)[]>();
  readonly #taken: readonly Taken[][];
  readonly #ways: readonly number[][];
  readonly #limit: number;
  #steps = 0;

  constructor(input: SearchInput) {
    this.#input = input;
    const { perNode, left } = input.budget;
    this.#limit = Math.max(Math.min(LATE_STEPS_MAX, perNode), Math.min(perNode, left));
    const [only] = input.pools;
    this.#candidates =
      input.pools.length === 1 && only !== undefined
        ? only.candidates
        : input.pools.flatMap(({ candidates }) => candidates);
    this.#constraints = input.claims.map(({ spec }) =>
      (spec.devices?.constraints ?? []).map((constraint) => new MatchAttribute(constraint)),
    );
    this.#taken = input.claims.map(() => []);
    this.#ways = input.plans.map((requests) => requests.map(() => 0));
  }

  /** Throws a PluginFailure where a selector fails, or where claims contradict themselves. */
  run(): SearchOutcome {
    const found = this.#request(0, 0);
    this.#input.budget.left -= this.#steps;
    if (found === 'done') {
      return this.#input.plans.map((requests, claim) => ({
        taken: this.#taken[claim] ?? [],
        plans: requests.flatMap((ways, request) => ways[this.#ways[claim]?.[request] ?? 0] ?? []),
      }));
    }
    return this.#steps > this.#limit ? 'exhausted' : 'none';
  }

  #request(claim: number, request: number): Found {
    const requests = this.#input.plans[claim];
    if (requests === undefined) return 'done';
    const ways = requests[request];
    if (ways === undefined) {
      const next = this.#request(claim + 1, 0);
      // Another choice for this claim may leave the next one an alternative that takes fewer.
      return next === 'too-many' ? 'none' : next;
    }
    let isTooMany = true;
    for (let way = 0; way < ways.length; way++) {
      const found = this.#device({ claim, request, way, device: 0, from: 0 });
      if (found === 'done') {
        const chosen = this.#ways[claim];
        if (chosen !== undefined) chosen[request] = way;
        return found;
      }
      if (found !== 'too-many') isTooMany = false;
    }
    return isTooMany ? 'too-many' : 'none';
  }

  #device(place: Place): Found {
    const { claim, request, way, device } = place;
    const plan = this.#input.plans[claim]?.[request]?.[way];
    if (plan === undefined || plan.all?.length === 0) return 'none';
    if (device >= plan.count) return this.#request(claim, request + 1);
    if ((this.#taken[claim]?.length ?? 0) + plan.count - device > RESULTS_MAX) return 'too-many';
    if (plan.all !== undefined) {
      const only = plan.all[device];
      return only === undefined ? 'none' : this.#with(place, plan, only);
    }
    for (let index = place.from; index < this.#candidates.length; index++) {
      const candidate = this.#candidates[index];
      if (candidate === undefined || !this.#isFree(claim, plan, candidate)) continue;
      if (!this.#willDo(claim, plan, index)) continue;
      const found = this.#with({ ...place, from: index + 1 }, plan, candidate);
      if (found !== 'none' || this.#steps > this.#limit) return found;
    }
    return 'none';
  }

  /** What comes of it if this device is taken; nothing stays taken unless all goes well. */
  #with(place: Place, plan: DevicePlan, candidate: Candidate): Found {
    if (++this.#steps > this.#limit) return 'none';
    if (!this.#isFree(place.claim, plan, candidate) || !this.#take(place.claim, plan, candidate)) return 'none';
    const found = this.#device({ ...place, device: place.device + 1 });
    if (found !== 'done') this.#giveBack(place.claim, plan, candidate);
    return found;
  }

  #willDo(claim: number, plan: DevicePlan, index: number): boolean {
    const known = this.#fits.get(plan) ?? [];
    if (known.length === 0) this.#fits.set(plan, known);
    const answer = known[index];
    if (answer !== undefined) return answer;
    const candidate = this.#candidates[index];
    const fits = candidate !== undefined && willDo(this.#input.selectors, this.#claim(claim), plan, candidate);
    known[index] = fits;
    return fits;
  }

  #claim(index: number): ResourceClaim {
    const claim = this.#input.claims[index];
    if (claim === undefined) throw new RangeError(`there is no claim ${index}`);
    return claim;
  }

  #isFree(claim: number, { hasAdminAccess }: DevicePlan, { id }: Candidate): boolean {
    const takers = this.#takers.get(id);
    if (hasAdminAccess) return takers?.has(claim) !== true;
    return (takers?.size ?? 0) === 0 && !this.#input.isInUse(id);
  }

  #take(claim: number, plan: DevicePlan, candidate: Candidate): boolean {
    const constraints = this.#constraints[claim] ?? [];
    for (const [index, constraint] of constraints.entries()) {
      if (constraint.add(plan, candidate)) continue;
      for (const former of constraints.slice(0, index)) former.remove(plan);
      if (plan.all === undefined) return false;
      const cause = 'because a claim constraint would not be satisfied';
      throw new PluginFailure(`${told(this.#claim(claim), plan)}: cannot add device ${candidate.id} ${cause}`);
    }
    const takers = this.#takers.get(candidate.id);
    if (takers === undefined) this.#takers.set(candidate.id, new Set([claim]));
    else takers.add(claim);
    this.#taken[claim]?.push({ plan, candidate });
    return true;
  }

  #giveBack(claim: number, plan: DevicePlan, { id }: Candidate): void {
    for (const constraint of this.#constraints[claim] ?? []) constraint.remove(plan);
    this.#takers.get(id)?.delete(claim);
    this.#taken[claim]?.pop();
  }
}
