import type { Client } from '../../client/client.js';
import { DELETE_PROTECTION, isReservedFor } from '../../kinds/pod-device-claims.js';
import { resourceClaim } from '../../kinds/resource-claim.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import type { AllocationResult, ResourceClaim } from '../../machinery/api/resource-v1.js';
import { keyOf } from '../../machinery/object.js';
import type { Outcome } from '../../machinery/resource-api.port.js';
import type { StatusError } from '../../machinery/status-error.js';

/** How often a write is tried that others come before. */
const TRIES_MAX = 5;

/** What is to be written of one claim. */
export interface ClaimBinding {
  readonly claim: ResourceClaim;
  /** Absent where the claim has its devices already. */
  readonly allocation: AllocationResult | undefined;
}

export type BindingDone = (failure?: string) => void;

/** Writes the scheduler's decisions into claims. */
export class ClaimWriter {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Protects the claim, notes its devices, and reserves it for the pod. */
  bind(binding: ClaimBinding, pod: Pod, done: BindingDone): void {
    this.#try(binding, pod, { left: TRIES_MAX, done });
  }

  /** Takes the pod's reservation back, as far as there is one. */
  release(claim: ResourceClaim, pod: Pod): void {
    const current = this.#client.get(resourceClaim, keyOf(claim));
    if (current?.status?.allocation === undefined || current.metadata.uid !== claim.metadata.uid) return;
    if (!isReservedFor(pod, current)) return;
    const { reservedFor = [], ...rest } = current.status;
    const kept = reservedFor.filter(({ uid }) => uid !== pod.metadata.uid);
    const status = kept.length === 0 ? rest : { ...rest, reservedFor: kept };
    this.#client.updateStatus(resourceClaim, { ...current, status });
  }

  /** Gives the devices of a claim back that at most this pod uses. */
  deallocate(claim: ResourceClaim): void {
    this.#client.updateStatus(resourceClaim, { ...claim, status: {} });
  }

  #try(binding: ClaimBinding, pod: Pod, { left, done }: Tries): void {
    const { claim, allocation } = binding;
    const key = keyOf(claim);
    const current = this.#client.get(resourceClaim, key);
    if (current === undefined || current.metadata.uid !== claim.metadata.uid) {
      return done(`could not find ResourceClaim "${key}"`);
    }
    if (current.metadata.deletionTimestamp !== undefined) return done(`claim ${key} got deleted in the meantime`);
    const settle =
      (what: string, next: (written: ResourceClaim) => void) =>
      ({ object, error }: Outcome<ResourceClaim>): void => {
        if (error === undefined) next(object);
        else if (isConflict(error) && left > 1) this.#try(binding, pod, { left: left - 1, done });
        else done(`${what} claim ${key}: ${error.message}`);
      };
    const reserve = (protectedClaim: ResourceClaim): void => {
      const what = allocation === undefined ? 'add reservation to' : 'add allocation and reservation to';
      const told = reservedFor(protectedClaim, pod, allocation);
      this.#client.updateStatus(
        resourceClaim,
        told,
        settle(what, () => done()),
      );
    };
    if (allocation === undefined) return reserve(current);
    if (current.status?.allocation !== undefined) return done(`claim ${key} got allocated elsewhere in the meantime`);
    const { finalizers = [] } = current.metadata;
    if (finalizers.includes(DELETE_PROTECTION)) return reserve(current);
    const metadata = { ...current.metadata, finalizers: [...finalizers, DELETE_PROTECTION] };
    this.#client.update(resourceClaim, { ...current, metadata }, settle('add finalizer to', reserve));
  }
}

interface Tries {
  readonly left: number;
  readonly done: BindingDone;
}

const isConflict = ({ reason }: StatusError): boolean => reason === 'Conflict';

function reservedFor(
  claim: ResourceClaim,
  { metadata: { name, uid = '' } }: Pod,
  allocation: AllocationResult | undefined,
): ResourceClaim {
  const consumers = [...(claim.status?.reservedFor ?? []), { resource: 'pods', name, uid }];
  const status = { ...claim.status, ...(allocation === undefined ? {} : { allocation }), reservedFor: consumers };
  return { ...claim, status };
}
