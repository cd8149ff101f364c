import { assert } from '../../kernel/assert.js';
import { isReservedFor } from '../../kinds/pod-device-claims.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { parseDuration } from '../../machinery/cel/library/time-text.js';
import type { AllocationResult, ResourceClaim } from '../../machinery/api/resource-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import type { Change } from '../cluster-event.js';
import { claimsOf, type ClaimAttempt } from '../devices/claim-attempt.js';
import type { ClaimSolution } from '../devices/device-search.js';
import type { BindingDone, ClaimBinding } from '../devices/claim-writer.js';
import {
  definePlugin,
  normalizeByHighest,
  unresolvable,
  type Cycle,
  type Plugin,
  type Reservation,
  type SchedulingWorld,
} from '../framework.js';

/** One more than the last place of an alternative in a request. */
const ALTERNATIVES_MAX = 8;
const FULL_EFFORT_NANOSECONDS = 10_000_000_000;

/** Upstream's `DynamicResourcesArgs`. */
interface DynamicResourcesArgs {
  /** A duration as Go writes it; for none, `0s`. */
  readonly filterTimeout?: string;
}

/** Finds devices for the claims of a pod on the node that it goes to, and reserves for it those that claims have. */
export const dynamicResources = dynamicResourcesWith({});

function dynamicResourcesWith({ filterTimeout = '0s' }: DynamicResourcesArgs): Plugin {
  const effort = effortWithin(filterTimeout);
  return definePlugin({
    name: 'DynamicResources',
    configure: (args) => dynamicResourcesWith(args as DynamicResourcesArgs),
    weight: 2,
    retryOn: [
      { on: ['Node/Add', 'Node/UpdateLabel', 'Node/UpdateAllocatable', 'DeviceClass/Add', 'DeviceClass/Update'] },
      { on: ['ResourceSlice/Add', 'ResourceSlice/Update'] },
      { on: ['ResourceClaim/Add', 'ResourceClaim/Update'], isWorth: isWorthAfterClaim },
      {
        on: ['Pod/UpdateGeneratedResourceClaim'],
        isWorth: (pod, { object }, { objects }) =>
          pod.metadata.uid === object?.metadata.uid && 'claims' in claimsOf(object as Pod, objects),
      },
    ],

    preEnqueue(pod, { objects }) {
      if ((pod.spec.resourceClaims?.length ?? 0) === 0) return undefined;
      const found = claimsOf(pod, objects);
      return 'fault' in found ? unresolvable(found.fault) : undefined;
    },

    filter(cycle) {
      const attempt = attemptOf(cycle, effort);
      if (attempt === undefined) return undefined;
      if (attempt.rejection !== undefined) return { rejects: attempt.rejection };
      if (attempt.claims.length === 0) return undefined;
      return {
        ignoresPods: true,
        check: ({ node }) => (node === undefined ? undefined : attempt.check(node)),
      };
    },

    score(cycle) {
      const attempt = attemptOf(cycle, effort);
      if (attempt?.open.some(hasAlternatives) !== true) return undefined;
      return {
        score: ({ node }) => (node === undefined ? 0 : rankOf(attempt.open, attempt.solutionsOn(node))),
        normalize: (scores) => normalizeByHighest(scores, { reverse: false }),
      };
    },

    reserve(cycle, { node }) {
      const attempt = attemptOf(cycle, effort);
      if (attempt === undefined || attempt.claims.length === 0 || node === undefined) return undefined;
      return reservation(cycle, attempt, attempt.allocationsOn(node));
    },

    makeRoom(cycle) {
      const attempt = attemptOf(cycle, effort);
      if (attempt === undefined || attempt.claims.length === 0) return 'no new claims to deallocate';
      for (const claim of attempt.unavailable) {
        const { reservedFor = [] } = claim.status ?? {};
        const isOthers = reservedFor.some(({ uid }) => uid !== cycle.pod.metadata.uid);
        if (isOthers) continue;
        cycle.claimWriter?.deallocate(claim);
        return 'deallocation of ResourceClaim completed';
      }
      return 'still not schedulable';
    },
  });
}

/** A search is bounded by tries, as many as there are in ten seconds; less time is fewer of them, more is not more. */
function effortWithin(timeout: string): number {
  const nanoseconds = parseDuration(timeout)?.nanoseconds ?? 0n;
  return nanoseconds === 0n ? 1 : Math.min(1, Number(nanoseconds) / FULL_EFFORT_NANOSECONDS);
}

const attemptOf = (cycle: Cycle, effort: number): ClaimAttempt | undefined =>
  (cycle.pod.spec.resourceClaims?.length ?? 0) === 0 ? undefined : cycle.devices.attempt(cycle, effort);

/** A claim that gave devices back may help anybody; any other change only those who wait for that claim. */
function isWorthAfterClaim(pod: Pod, { object, previous }: Change, { objects }: SchedulingWorld): boolean {
  const found = claimsOf(pod, objects);
  if ('fault' in found) return false;
  const [claim, former] = [object as ResourceClaim, previous as ResourceClaim | undefined];
  if (former?.status?.allocation !== undefined && claim.status?.allocation === undefined) return true;
  if (!found.claims.some(({ metadata }) => metadata.uid === claim.metadata.uid)) return false;
  return former === undefined || !deepEqual(claim.status ?? {}, former.status ?? {});
}

const hasAlternatives = ({ spec }: ResourceClaim): boolean =>
  spec.devices?.requests?.some(({ firstAvailable = [] }) => firstAvailable.length > 0) === true;

/** The more, the earlier the alternatives that are taken stand in their requests. */
function rankOf(claims: readonly ResourceClaim[], solutions: readonly ClaimSolution[]): number {
  let rank = 0;
  for (const [index, { spec }] of claims.entries()) {
    for (const { request, alternative } of solutions[index]?.plans ?? []) {
      if (alternative === undefined) continue;
      const { firstAvailable = [] } = spec.devices?.requests?.find(({ name }) => name === request) ?? {};
      rank += ALTERNATIVES_MAX - firstAvailable.findIndex(({ name }) => name === alternative);
    }
  }
  return rank;
}

function reservation(
  { pod, devices, claimWriter: writer }: Cycle,
  { claims, open }: ClaimAttempt,
  allocations: readonly AllocationResult[],
): Reservation {
  assert(allocations.length === open.length, 'claims that fit on a node have their devices there');
  const bindings = claims.map((claim): ClaimBinding => {
    const index = open.indexOf(claim);
    return { claim, allocation: index < 0 ? undefined : allocations[index] };
  });
  for (const { claim, allocation } of bindings) if (allocation !== undefined) devices.assume(claim, allocation);
  const bindFrom = (index: number, done: BindingDone): void => {
    const binding = bindings[index];
    if (binding === undefined || writer === undefined) return done();
    if (isReservedFor(pod, binding.claim)) return bindFrom(index + 1, done);
    writer.bind(binding, pod, (failure) => {
      if (binding.allocation !== undefined) devices.settle(binding.claim);
      if (failure === undefined) bindFrom(index + 1, done);
      else done(failure);
    });
  };
  return {
    undo() {
      for (const { claim } of bindings) {
        devices.settle(claim);
        writer?.release(claim, pod);
      }
    },
    prepare: (done) => bindFrom(0, done),
  };
}
