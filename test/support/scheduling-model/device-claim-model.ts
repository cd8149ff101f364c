import type { Node, Pod } from '../../../src/engine/machinery/api/core-v1.js';
import type { ResourceClaim } from '../../../src/engine/machinery/api/resource-v1.js';
import { modelSolution, type ModelSolution } from '../device-model.js';
import { unfit, type ClusterRule, type FilterRule, type ModelWorld, type ScoreRule } from './model-world.js';
import { meansNode } from './selectors.js';

/** What an alternative is worth that stands first in its request. */
const FIRST_ALTERNATIVE = 8;

/** Allocated claims need a node that reaches their devices; others devices that are free there. */
export const deviceClaimRule: FilterRule = (world, pod, node) => {
  const { fault, claims } = claimsOf(world, pod);
  if (fault !== undefined) return unfit(fault);
  if (solution(world, claims, node) === undefined) return unfit('cannot allocate all claims');
  return claims.every((claim) => isReachable(claim, node))
    ? undefined
    : unfit('resourceclaim not available on the node');
};

export const deviceClaimFault: ClusterRule = (world, pod) => claimsOf(world, pod).fault;

function isReachable({ status }: ResourceClaim, node: Node): boolean {
  const terms = status?.allocation?.nodeSelector?.nodeSelectorTerms;
  return terms === undefined || terms === null || meansNode(terms, node);
}

/** What comes of giving devices back that a node which came so far cannot reach. */
export function deviceRemedy(world: ModelWorld, pod: Pod, nodes: readonly Node[]): string {
  const { fault, claims } = claimsOf(world, pod);
  if (fault !== undefined || claims.length === 0) return 'no new claims to deallocate';
  const failing = nodes.filter((node) => deviceClaimRule(world, pod, node)?.reasons[0]?.startsWith('resourceclaim'));
  const isUseless = failing.some((node) => claims.some((claim) => !isReachable(claim, node)));
  return isUseless ? 'deallocation of ResourceClaim completed' : 'still not schedulable';
}

/** Every class that an open claim asks for has to be there. */
function missingClass({ devices }: ModelWorld, claims: readonly ResourceClaim[]): string | undefined {
  const isThere = (name: string): boolean => devices.classes.some(({ metadata }) => metadata.name === name);
  for (const { spec } of openOf(claims)) {
    for (const { name, exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
      if (exactly !== undefined && !isThere(exactly.deviceClassName))
        return `request ${name}: device class ${exactly.deviceClassName} does not exist`;
      const odd = firstAvailable.find(({ deviceClassName }) => !isThere(deviceClassName));
      if (odd !== undefined) return `request ${name}/${odd.name}: device class ${odd.deviceClassName} does not exist`;
    }
  }
  return undefined;
}

/** The earlier the alternatives stand that a node can offer, the better. */
export const deviceClaimScores: ScoreRule = (world, pod, nodes) => {
  const { fault, claims } = claimsOf(world, pod);
  if (fault !== undefined) return undefined;
  const open = openOf(claims);
  const requests = open.flatMap(({ spec }) => spec.devices?.requests ?? []);
  if (requests.every(({ firstAvailable = [] }) => firstAvailable.length === 0)) return undefined;
  const raw = nodes.map((node) => {
    if (deviceClaimRule(world, pod, node) !== undefined) return 0;
    const found = solution(world, claims, node) ?? [];
    return open.reduce((sum, claim, index) => sum + worth(claim, found[index] ?? []), 0);
  });
  const highest = Math.max(...raw);
  return raw.map((score) => (highest === 0 ? 0 : Math.floor((100 * score) / highest)));
};

function worth({ spec }: ResourceClaim, choices: readonly string[]): number {
  const taken = new Set(choices.map((each) => each.slice(0, each.indexOf('='))));
  return (spec.devices?.requests ?? [])
    .flatMap(({ name, firstAvailable = [] }) =>
      firstAvailable.map((each, index) => (taken.has(`${name}/${each.name}`) ? FIRST_ALTERNATIVE - index : 0)),
    )
    .reduce((sum, each) => sum + each, 0);
}

const openOf = (claims: readonly ResourceClaim[]): readonly ResourceClaim[] =>
  claims.filter(({ status }) => status?.allocation === undefined);

function solution({ devices }: ModelWorld, claims: readonly ResourceClaim[], node: Node): ModelSolution | undefined {
  const inUse = devices.claims.flatMap(({ status }) =>
    (status?.allocation?.devices?.results ?? []).map(({ driver, pool, device }) => `${driver}/${pool}/${device}`),
  );
  return modelSolution(
    { node, slices: devices.slices, classes: devices.classes, inUse: new Set(inUse) },
    openOf(claims),
  );
}

interface Found {
  readonly claims: readonly ResourceClaim[];
  readonly fault?: string;
}

/** A claim named twice is one claim. */
function claimsOf(world: ModelWorld, { metadata, spec, status }: Pod): Found {
  const { devices } = world;
  const { namespace = '' } = metadata;
  const claims: ResourceClaim[] = [];
  for (const { name: entry, resourceClaimName } of spec.resourceClaims ?? []) {
    const made = status?.resourceClaimStatuses?.find(({ name }) => name === entry);
    if (resourceClaimName === undefined && made === undefined)
      return { claims: [], fault: `pod "${namespace}/${metadata.name}": ResourceClaim not created yet` };
    const name = resourceClaimName ?? made?.resourceClaimName;
    if (name === undefined) continue;
    const claim = devices.claims.find((each) => each.metadata.name === name && each.metadata.namespace === namespace);
    if (claim === undefined) return { claims: [], fault: `could not find ResourceClaim "${namespace}/${name}"` };
    if (claim.metadata.deletionTimestamp !== undefined)
      return { claims: [], fault: `resourceclaim "${name}" is being deleted` };
    const isOwn = claim.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true;
    if (resourceClaimName === undefined && !isOwn) {
      const fault = `ResourceClaim ${namespace}/${name} was not created for pod ${namespace}/${metadata.name} (pod is not owner)`;
      return { claims: [], fault };
    }
    if (!claims.includes(claim)) claims.push(claim);
  }
  const fault = missingClass(world, claims);
  return fault === undefined ? { claims } : { claims, fault };
}
