import { resourceClaim } from '../../kinds/resource-claim.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import type { AllocationResult, ResourceClaim } from '../../machinery/api/resource-v1.js';
import { defineIndex, type ResourceReader } from '../../machinery/resource-reader.port.js';
import { ClaimAttempt } from './claim-attempt.js';
import { DevicePools } from './device-pools.js';
import { newSearchBudget } from './device-search.js';
import { DeviceSelectors } from './device-selectors.js';

/** By `driver/pool/device`, the claims that have it for themselves: administrators take nothing away. */
const claimsByDevice = defineIndex<ResourceClaim>({
  name: 'claimsByDevice',
  keysOf: ({ status }) => (status?.allocation === undefined ? NONE : devicesOf(status.allocation)),
});

const NONE: readonly string[] = Object.freeze([]);

const devicesOf = ({ devices }: AllocationResult): readonly string[] =>
  (devices?.results ?? []).flatMap(({ driver, pool, device, adminAccess }) =>
    adminAccess === true ? [] : `${driver}/${pool}/${device}`,
  );

/** Devices as they will be once decisions that are under way are written: none is promised twice. */
export class AssumedDevices {
  readonly #objects: ResourceReader;
  readonly #pools: DevicePools;
  readonly #selectors = new DeviceSelectors();
  /** By the claim's uid, the devices that it is about to get. */
  readonly #pending = new Map<string, readonly string[]>();
  readonly #promised = new Set<string>();
  readonly #attempts = new WeakMap<object, ClaimAttempt>();

  constructor(objects: ResourceReader) {
    this.#objects = objects;
    this.#pools = new DevicePools(objects);
  }

  /** What was found out about the pod's claims; `cycle` is the attempt to place it, `effort` that of the search. */
  attempt(cycle: { readonly pod: Pod }, effort?: number): ClaimAttempt {
    const known = this.#attempts.get(cycle);
    if (known !== undefined) return known;
    const attempt = new ClaimAttempt({
      pod: cycle.pod,
      objects: this.#objects,
      pools: this.#pools,
      selectors: this.#selectors,
      budget: newSearchBudget(effort),
      isInUse: (id) => this.#isInUse(id),
      isPending: ({ metadata }) => this.#pending.has(metadata.uid ?? ''),
    });
    this.#attempts.set(cycle, attempt);
    return attempt;
  }

  /** Reckons from now on with these devices as the claim's. */
  assume({ metadata }: ResourceClaim, allocation: AllocationResult): void {
    const devices = devicesOf(allocation);
    this.#pending.set(metadata.uid ?? '', devices);
    for (const id of devices) this.#promised.add(id);
  }

  /** It is written, or will not be. */
  settle({ metadata }: ResourceClaim): void {
    for (const id of this.#pending.get(metadata.uid ?? '') ?? NONE) this.#promised.delete(id);
    this.#pending.delete(metadata.uid ?? '');
  }

  #isInUse(id: string): boolean {
    return this.#promised.has(id) || this.#objects.indexed(resourceClaim, claimsByDevice, id).length > 0;
  }
}
