import type { NodeSelector, NodeSelectorRequirement } from '../../machinery/api/core-v1.js';
import type {
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  ResourceClaim,
} from '../../machinery/api/resource-v1.js';
import type { Draft } from '../../machinery/object.js';
import { requestText } from './device-plan.js';
import type { ClaimSolution, Taken } from './device-search.js';

/** What is written into a claim of what was found for it. */
export function allocationResult(claim: ResourceClaim, solution: ClaimSolution): AllocationResult {
  const config = [...classConfigurations(solution), ...claimConfigurations(claim, solution)];
  const nodeSelector = nodeSelectorOf(solution.taken);
  return {
    devices: { results: solution.taken.map(resultOf), ...(config.length === 0 ? {} : { config }) },
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
  };
}

const resultOf = ({ plan, candidate: { device, slice } }: Taken): DeviceRequestAllocationResult => ({
  request: requestText(plan),
  driver: slice.spec.driver,
  pool: slice.spec.pool.name,
  device: device.name,
  ...(plan.hasAdminAccess ? { adminAccess: true } : {}),
});

/** Those of each class once, with all requests that it serves. */
function classConfigurations({ plans }: ClaimSolution): readonly DeviceAllocationConfiguration[] {
  const requests = new Map<string, string[]>();
  for (const plan of plans) {
    const { name } = plan.deviceClass.metadata;
    requests.set(name, [...(requests.get(name) ?? []), requestText(plan)]);
  }
  const told = new Set<string>();
  return plans.flatMap(({ deviceClass: { metadata, spec } }) => {
    if (told.has(metadata.name)) return [];
    told.add(metadata.name);
    return (spec.config ?? []).map((each) => ({
      source: 'FromClass',
      requests: requests.get(metadata.name) ?? [],
      ...each,
    }));
  });
}

/** Those that are for all requests, and those that name one that was chosen: once for each such, as upstream has it. */
function claimConfigurations(
  { spec }: ResourceClaim,
  { plans }: ClaimSolution,
): readonly DeviceAllocationConfiguration[] {
  return (spec.devices?.config ?? []).flatMap(({ requests = [], ...configuration }) => {
    const source = 'FromClaim';
    if (requests.length === 0) return [{ source, ...configuration }];
    const meant = plans.filter((plan) => requests.includes(plan.request) || requests.includes(requestText(plan)));
    return meant.map(() => ({ source, requests, ...configuration }));
  });
}

/** Where all of the devices are; `undefined` for everywhere. */
function nodeSelectorOf(taken: readonly Taken[]): NodeSelector | undefined {
  const matchFields: Draft<NodeSelectorRequirement>[] = [];
  const matchExpressions: Draft<NodeSelectorRequirement>[] = [];
  for (const { candidate } of taken) {
    const { nodeName, nodeSelector } = candidate.slice.spec;
    if (nodeName !== undefined) {
      const field = { key: 'metadata.name', operator: 'In', values: [nodeName] };
      return { nodeSelectorTerms: [{ matchFields: [field] }] };
    }
    const [term] = nodeSelector?.nodeSelectorTerms ?? [];
    addNew(matchFields, term?.matchFields);
    addNew(matchExpressions, term?.matchExpressions);
  }
  if (matchFields.length + matchExpressions.length === 0) return undefined;
  const term = {
    ...(matchExpressions.length === 0 ? {} : { matchExpressions }),
    ...(matchFields.length === 0 ? {} : { matchFields }),
  };
  return { nodeSelectorTerms: [term] };
}

function addNew(
  to: Draft<NodeSelectorRequirement>[],
  from: readonly NodeSelectorRequirement[] | null | undefined,
): void {
  for (const requirement of from ?? []) {
    if (!to.some((known) => areEqual(known, requirement))) to.push(requirement as Draft<NodeSelectorRequirement>);
  }
}

function areEqual(a: NodeSelectorRequirement, b: NodeSelectorRequirement): boolean {
  if (a.key !== b.key || a.operator !== b.operator) return false;
  const [left, right] = [new Set(a.values ?? []), new Set(b.values ?? [])];
  return left.size === right.size && Array.from(left).every((value) => right.has(value));
}
