import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../../src/engine/machinery/api/core-v1.js';
import type { StorageClass } from '../../../src/engine/machinery/api/storage-v1.js';
import type { ModelWorld } from './model-world.js';
import { meansNode } from './selectors.js';

/** A claim that a pod uses, by name or as an ephemeral volume of its own. */
export interface UsedClaim {
  readonly name: string;
  readonly isEphemeral: boolean;
  readonly claim: PersistentVolumeClaim | undefined;
}

export function claimsUsed({ storage }: ModelWorld, { metadata, spec }: Pod): readonly UsedClaim[] {
  return (spec.volumes ?? []).flatMap(({ name: volumeName, persistentVolumeClaim, ephemeral }) => {
    const isEphemeral = ephemeral !== undefined;
    const name = isEphemeral ? `${metadata.name}-${volumeName}` : persistentVolumeClaim?.claimName;
    if (name === undefined) return [];
    const isMeant = (each: PersistentVolumeClaim): boolean =>
      each.metadata.name === name && each.metadata.namespace === metadata.namespace;
    return [{ name, isEphemeral, claim: storage.claims.find(isMeant) }];
  });
}

/** The claim of an ephemeral volume has to be the pod's own. */
export const isForeign = ({ isEphemeral, claim }: UsedClaim, { metadata }: Pod): boolean =>
  isEphemeral &&
  claim !== undefined &&
  claim.metadata.ownerReferences?.some(({ controller, uid }) => controller === true && uid === metadata.uid) !== true;

export const foreignText = ({ name }: UsedClaim, { metadata }: Pod): string => {
  const { namespace = '' } = metadata;
  return `PVC ${namespace}/${name} was not created for pod ${namespace}/${metadata.name} (pod is not owner)`;
};

export const missingText = (name: string): string => `persistentvolumeclaim "${name}" not found`;

export const volumeOf = ({ storage }: ModelWorld, name: string | undefined): PersistentVolume | undefined =>
  storage.volumes.find(({ metadata }) => metadata.name === name);

export const classOf = ({ storage }: ModelWorld, claim: PersistentVolumeClaim): StorageClass | undefined =>
  storage.classes.find(({ metadata }) => metadata.name === className(claim));

export const className = ({ spec }: PersistentVolumeClaim): string => spec?.storageClassName ?? '';

/** Whether the volume's own node affinity admits the node. */
export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec?.nodeAffinity?.required;
  return required === undefined || meansNode(required.nodeSelectorTerms, node);
}

/** In GiB, which all of the generated sizes are in. */
export const size = (amounts: Readonly<Record<string, unknown>> | undefined): number =>
  Number.parseInt(String(amounts?.['storage'] ?? 0), 10);
