import type { Pod, PodResourceClaim } from '../machinery/api/core-v1.js';
import type { ResourceClaim } from '../machinery/api/resource-v1.js';
import { defineIndex } from '../machinery/resource-reader.port.js';

/** The annotation of a claim that was made for a pod: by what name the pod calls it. */
export const POD_CLAIM_NAME = 'resource.kubernetes.io/pod-claim-name';
/** Keeps a claim whose devices are allocated from going. */
export const DELETE_PROTECTION = 'resource.kubernetes.io/delete-protection';

/** The claim behind one entry of a pod's `resourceClaims`. */
export type NamedClaim =
  /** `isOwn`: made for the pod, so that it must be the pod's. */
  | { readonly name: string; readonly isOwn: boolean; readonly fault?: never }
  /** It was found that none is needed. */
  | { readonly name: undefined; readonly fault?: never }
  /** There is none yet, in upstream's words. */
  | { readonly fault: string; readonly name?: never };

/** Mirrors `resourceclaim.Name`. */
export function namedClaim({ metadata, status }: Pod, entry: PodResourceClaim): NamedClaim {
  if (entry.resourceClaimName !== undefined) return { name: entry.resourceClaimName, isOwn: false };
  const made = status?.resourceClaimStatuses?.find(({ name }) => name === entry.name);
  const pod = `pod "${metadata.namespace ?? ''}/${metadata.name}"`;
  if (made === undefined) return { fault: `${pod}: ResourceClaim not created yet` };
  return made.resourceClaimName === undefined ? { name: undefined } : { name: made.resourceClaimName, isOwn: true };
}

/** The names of the claims that a pod uses, as far as they are known. */
export function deviceClaimNamesOf(pod: Pod): readonly string[] {
  const { resourceClaims } = pod.spec;
  if (resourceClaims === undefined) return NONE;
  return resourceClaims.flatMap((entry) => namedClaim(pod, entry).name ?? []);
}

/** Mirrors `resourceclaim.IsForPod`: why the claim is not the pod's own, in upstream's words. */
export function strangerFault({ metadata: pod }: Pod, { metadata: claim }: ResourceClaim): string | undefined {
  const owner = claim.ownerReferences?.find(({ controller }) => controller === true);
  if (claim.namespace === pod.namespace && owner?.uid === pod.uid) return undefined;
  const keys = [claim, pod].map(({ namespace = '', name }) => `${namespace}/${name}`);
  return `ResourceClaim ${keys[0] ?? ''} was not created for pod ${keys[1] ?? ''} (pod is not owner)`;
}

export const isReservedFor = ({ metadata }: Pod, { status }: ResourceClaim): boolean =>
  status?.reservedFor?.some(({ uid }) => uid === metadata.uid) === true;

const NONE: readonly string[] = Object.freeze([]);

/** By the key of each claim. */
export const podsByDeviceClaim = defineIndex<Pod>({
  name: 'podsByDeviceClaim',
  keysOf: (pod) => deviceClaimNamesOf(pod).map((name) => `${pod.metadata.namespace ?? ''}/${name}`),
});
