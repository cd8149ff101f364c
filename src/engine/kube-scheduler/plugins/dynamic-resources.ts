import { deviceClass } from '../../kinds/device-class.js';
import { resourceClaim } from '../../kinds/resource-claim.js';
import type { Node, Pod } from '../../machinery/api/core-v1.js';
import type { ResourceClaim } from '../../machinery/api/resource-v1.js';
import { matchesNodeSelectorTerms } from '../../machinery/node-selector.js';
import { definePlugin, unresolvable, type SchedulingWorld } from '../framework.js';

const NOT_HERE = unresolvable('resourceclaim not available on the node');
const NOT_ALLOCATED = unresolvable('cannot allocate all claims');

/**
 * Keeps a pod back until the device claims that it names exist, and where their devices are. It allocates no devices
 * itself: a claim that nobody has allocated yet counts as one that no node can satisfy.
 */
export const dynamicResources = definePlugin({
  name: 'DynamicResources',
  retryOn: [
    { on: ['Node/Add', 'Node/UpdateLabel', 'Node/UpdateAllocatable', 'DeviceClass/Add', 'DeviceClass/Update'] },
    { on: ['ResourceSlice/Add', 'ResourceSlice/Update'] },
    {
      on: ['ResourceClaim/Add', 'ResourceClaim/Update'],
      isWorth: (pod, { object }, world) =>
        pod.metadata.namespace === object?.metadata.namespace && faultOf(pod, world) === undefined,
    },
    {
      on: ['Pod/UpdateGeneratedResourceClaim'],
      isWorth: (pod, { object }, world) =>
        pod.metadata.uid === object?.metadata.uid && faultOf(pod, world) === undefined,
    },
  ],

  preEnqueue(pod, world) {
    const fault = faultOf(pod, world);
    return fault === undefined ? undefined : unresolvable(fault);
  },

  filter(cycle) {
    const { pod, objects } = cycle;
    const fault = faultOf(pod, cycle);
    if (fault !== undefined) return { rejects: unresolvable(fault) };
    const claims = claimNames(pod).flatMap((name) => objects.get(resourceClaim, keyIn(pod, name)) ?? []);
    if (claims.length === 0) return undefined;
    const missing = claims.flatMap((claim) => missingClasses(claim, cycle));
    const [first] = missing;
    if (first !== undefined) return { rejects: unresolvable(first) };
    const isOpen = claims.some(({ status }) => status?.allocation === undefined);
    return {
      ignoresPods: true,
      check({ node }) {
        if (isOpen) return NOT_ALLOCATED;
        return node === undefined || claims.every((claim) => isAvailable(claim, node)) ? undefined : NOT_HERE;
      },
    };
  },
});

const keyIn = ({ metadata }: Pod, name: string): string => `${metadata.namespace ?? ''}/${name}`;

/** The claims that the pod names, and those that were made for it and are known. */
const claimNames = ({ spec, status }: Pod): readonly string[] =>
  (spec.resourceClaims ?? []).flatMap(({ name, resourceClaimName }) => {
    const made = status?.resourceClaimStatuses?.find((each) => each.name === name);
    return resourceClaimName ?? made?.resourceClaimName ?? [];
  });

/** Why the pod cannot be tried: a claim is not made yet, is not there, or is going. */
function faultOf(pod: Pod, { objects }: Pick<SchedulingWorld, 'objects'>): string | undefined {
  const { resourceClaims = [] } = pod.spec;
  if (resourceClaims.length === 0) return undefined;
  const statuses = pod.status?.resourceClaimStatuses ?? [];
  const unmade = resourceClaims.find(
    ({ name, resourceClaimName }) => resourceClaimName === undefined && !statuses.some((each) => each.name === name),
  );
  if (unmade !== undefined) return `pod claim ${unmade.name}: ResourceClaim not created yet`;
  for (const name of claimNames(pod)) {
    const claim = objects.get(resourceClaim, keyIn(pod, name));
    if (claim === undefined) return `resourceclaim.resource.k8s.io "${name}" not found`;
    if (claim.metadata.deletionTimestamp !== undefined) return `resourceclaim "${name}" is being deleted`;
  }
  return undefined;
}

function missingClasses({ spec, status }: ResourceClaim, { objects }: Pick<SchedulingWorld, 'objects'>): string[] {
  if (status?.allocation !== undefined) return [];
  return (spec.devices?.requests ?? []).flatMap(({ name, exactly }) => {
    const className = exactly?.deviceClassName ?? '';
    if (className === '' || objects.get(deviceClass, className) !== undefined) return [];
    return [`request ${name}: device class ${className} does not exist`];
  });
}

function isAvailable({ status }: ResourceClaim, node: Node): boolean {
  const terms = status?.allocation?.nodeSelector?.nodeSelectorTerms;
  return terms === undefined || matchesNodeSelectorTerms(terms, node);
}
