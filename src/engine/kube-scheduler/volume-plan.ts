import type { PersistentVolume, PersistentVolumeClaim } from '../machinery/api/core-v1.js';

/** The annotation that tells a provisioner where a volume is wanted. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';

export interface VolumeToBind {
  readonly volume: PersistentVolume;
  readonly claim: PersistentVolumeClaim;
}

export interface ClaimToProvision {
  readonly claim: PersistentVolumeClaim;
  readonly nodeName: string;
}

/** How the unbound claims of a pod are to be satisfied on one node. */
export interface VolumePlan {
  readonly toBind: readonly VolumeToBind[];
  readonly toProvision: readonly ClaimToProvision[];
}

/** The volume as it is once it is promised to the claim. */
export function promised({ volume, claim }: VolumeToBind): PersistentVolume {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const claimRef = {
    kind: 'PersistentVolumeClaim',
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(uid === undefined ? {} : { uid }),
    apiVersion: 'v1',
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  };
  const isKnown = volume.spec?.claimRef !== undefined;
  const annotations = isKnown
    ? volume.metadata.annotations
    : { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' };
  return {
    ...volume,
    metadata: { ...volume.metadata, ...(annotations === undefined ? {} : { annotations }) },
    spec: { ...volume.spec, claimRef: { ...volume.spec?.claimRef, ...claimRef } },
  };
}

/** The claim as it is once its volume is wanted on the node. */
export const wantedOn = ({ claim, nodeName }: ClaimToProvision): PersistentVolumeClaim => ({
  ...claim,
  metadata: { ...claim.metadata, annotations: { ...claim.metadata.annotations, [SELECTED_NODE]: nodeName } },
});
