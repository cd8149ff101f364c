import { assert } from '../../kernel/assert.js';
import { deviceClass } from '../../kinds/device-class.js';
import { namedClaim, strangerFault } from '../../kinds/pod-device-claims.js';
import { resourceClaim } from '../../kinds/resource-claim.js';
import type { Node, Pod } from '../../machinery/api/core-v1.js';
import type { AllocationResult, ResourceClaim } from '../../machinery/api/resource-v1.js';
import { matchesNodeSelectorTerms } from '../../machinery/node-selector.js';
import { keyOf } from '../../machinery/object.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import { unresolvable, type Rejection } from '../framework.js';
import { PluginFailure } from '../plugin-failure.js';
import { allocationResult } from './allocation-result.js';
import { Allocator, type AllocatorInput } from './allocator.js';
import type { ClaimSolution } from './device-search.js';

const NO_DEVICES = unresolvable('cannot allocate all claims');
const NOT_HERE = unresolvable('resourceclaim not available on the node');

export interface AttemptInput extends AllocatorInput {
  readonly pod: Pod;
  /** Whether devices for the claim were found for another pod and are not written yet. */
  isPending(claim: ResourceClaim): boolean;
}

/** The claims of one pod in one attempt to place it: what was found out is kept until the attempt is over. */
export class ClaimAttempt {
  readonly claims: readonly ResourceClaim[];
  /** Those that devices have to be found for. */
  readonly open: readonly ResourceClaim[];
  /** Why the pod fits nowhere, whatever the node. */
  readonly rejection: Rejection | undefined;
  readonly #input: AttemptInput;
  readonly #verdicts = new Map<string, Rejection | undefined>();
  readonly #solutions = new Map<string, readonly ClaimSolution[]>();
  #allocator: Allocator | undefined;
  readonly #unavailable = new Set<ResourceClaim>();

  constructor(input: AttemptInput) {
    this.#input = input;
    const found = claimsOf(input.pod, input.objects);
    const claims = 'fault' in found ? [] : found.claims;
    const fault = 'fault' in found ? found.fault : faultOf(claims, input);
    this.rejection = fault === undefined ? undefined : unresolvable(fault);
    this.claims = fault === undefined ? claims : [];
    this.open = this.claims.filter(({ status }) => status?.allocation === undefined);
  }

  /** Claims whose devices some node that was asked about cannot reach. */
  get unavailable(): ReadonlySet<ResourceClaim> {
    return this.#unavailable;
  }

  check(node: Node): Rejection | undefined {
    const { name } = node.metadata;
    if (!this.#verdicts.has(name)) this.#verdicts.set(name, this.#verdict(node));
    return this.#verdicts.get(name);
  }

  /** What the open claims would be given on the node, in their order; none where it was found unfit. */
  allocationsOn(node: Node): readonly AllocationResult[] {
    return this.solutionsOn(node).map((solution, index) => {
      const claim = this.open[index];
      assert(claim !== undefined, 'solutions are those of the open claims');
      return allocationResult(claim, solution);
    });
  }

  /** The same before it is put into words. */
  solutionsOn(node: Node): readonly ClaimSolution[] {
    this.check(node);
    return this.#solutions.get(node.metadata.name) ?? [];
  }

  #verdict(node: Node): Rejection | undefined {
    try {
      return this.#look(node);
    } catch (error) {
      if (!(error instanceof PluginFailure)) throw error;
      throw new PluginFailure(`running "DynamicResources" filter plugin: ${error.message}`);
    }
  }

  #look(node: Node): Rejection | undefined {
    const unavailable = this.claims.filter(({ status }) => {
      const terms = status?.allocation?.nodeSelector?.nodeSelectorTerms;
      return terms !== undefined && !matchesNodeSelectorTerms(terms ?? [], node);
    });
    if (this.open.length > 0) {
      this.#allocator ??= new Allocator(this.#input, this.open);
      const { solutions, reason } = this.#allocator.on(node);
      if (solutions === undefined) return reason === NO_DEVICES.reasons[0] ? NO_DEVICES : unresolvable(reason);
      if (unavailable.length === 0) this.#solutions.set(node.metadata.name, solutions);
    }
    for (const claim of unavailable) this.#unavailable.add(claim);
    return unavailable.length === 0 ? undefined : NOT_HERE;
  }
}

/** The claims that a pod names, or why one of them cannot be had, in upstream's words. */
export function claimsOf(
  pod: Pod,
  objects: ResourceReader,
): { readonly claims: readonly ResourceClaim[] } | { readonly fault: string } {
  const { resourceClaims = [] } = pod.spec;
  const claims = new Map<string, ResourceClaim>();
  for (const entry of resourceClaims) {
    const named = namedClaim(pod, entry);
    if (named.fault !== undefined) return { fault: named.fault };
    if (named.name === undefined) continue;
    const key = `${pod.metadata.namespace ?? ''}/${named.name}`;
    const claim = objects.get(resourceClaim, key);
    if (claim === undefined) return { fault: `could not find ResourceClaim "${key}"` };
    if (claim.metadata.deletionTimestamp !== undefined) {
      return { fault: `resourceclaim "${named.name}" is being deleted` };
    }
    const fault = named.isOwn ? strangerFault(pod, claim) : undefined;
    if (fault !== undefined) return { fault };
    claims.set(key, claim);
  }
  return { claims: Array.from(claims.values()) };
}

function faultOf(claims: readonly ResourceClaim[], input: AttemptInput): string | undefined {
  for (const claim of claims) {
    if (claim.status?.allocation !== undefined) continue;
    if (input.isPending(claim)) return `resource claim ${keyOf(claim)} is in the process of being allocated`;
    for (const { name, exactly, firstAvailable = [] } of claim.spec.devices?.requests ?? []) {
      const wanted = exactly === undefined ? firstAvailable : [exactly];
      const missing = wanted.find(
        ({ deviceClassName }) => input.objects.get(deviceClass, deviceClassName) === undefined,
      );
      if (missing === undefined) continue;
      const request = 'name' in missing ? `${name}/${missing.name}` : name;
      return `request ${request}: device class ${missing.deviceClassName} does not exist`;
    }
  }
  return undefined;
}
