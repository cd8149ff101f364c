import type { PersistentVolumeClaim, Pod, Volume } from '../machinery/api/core-v1.js';

/** A claim that a pod uses: named by it, or made for it alone. */
export interface ClaimUse {
  readonly key: string;
  readonly name: string;
  readonly isEphemeral: boolean;
}

export function claimsOfPod({ metadata, spec }: Pod): readonly ClaimUse[] {
  return (spec.volumes ?? []).flatMap((volume): readonly ClaimUse[] => {
    const name = claimName(volume, metadata.name);
    if (name === undefined) return [];
    return [{ key: `${metadata.namespace ?? ''}/${name}`, name, isEphemeral: volume.ephemeral !== undefined }];
  });
}

function claimName({ persistentVolumeClaim, ephemeral, name }: Volume, podName: string): string | undefined {
  if (persistentVolumeClaim !== undefined) return persistentVolumeClaim.claimName;
  return ephemeral === undefined ? undefined : `${podName}-${name}`;
}

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';

/** The storage class that a claim names; empty for none. */
export const classOf = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? '';

export const isFullyBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  (spec?.volumeName ?? '') !== '' && metadata.annotations?.[BIND_COMPLETED] !== undefined;

export const notFoundText = (name: string): string => `persistentvolumeclaim "${name}" not found`;

/** Whether a claim that should be a pod's own is not. */
export const isForeign = ({ isEphemeral }: ClaimUse, { metadata }: PersistentVolumeClaim, pod: Pod): boolean =>
  isEphemeral &&
  metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === pod.metadata.uid) !== true;

export const foreignText = ({ key }: ClaimUse, { metadata }: Pod): string =>
  `PVC ${key} was not created for pod ${metadata.namespace ?? ''}/${metadata.name} (pod is not owner)`;
