import type { PersistentVolume, PersistentVolumeSpec } from '../../machinery/api/core-v1.js';
import { nodeTermWarnings } from '../pod-spec/node-labels.js';

const ANNOTATIONS: Readonly<Record<string, string>> = {
  'volume.beta.kubernetes.io/storage-class': 'deprecated since v1.8; use "storageClassName" attribute instead',
  'volume.beta.kubernetes.io/mount-options': 'deprecated since v1.31; use "mountOptions" attribute instead',
};
const SOURCES = [
  ['cephfs', 'cephfs', 'v1.28', 'v1.31'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'v1.11', 'v1.16'],
  ['scaleIO', 'scaleIO', 'v1.16', 'v1.22'],
  ['storageos', 'storageOS', 'v1.22', 'v1.25'],
  ['glusterfs', 'glusterfs', 'v1.25', 'v1.26'],
  ['rbd', 'rbd', 'v1.28', 'v1.31'],
] as const satisfies readonly (readonly [keyof PersistentVolumeSpec, string, string, string])[];

/** Mirrors `GetWarningsForPersistentVolume`. */
export function volumeWarnings({ metadata, spec }: PersistentVolume): readonly string[] {
  const warnings: string[] = [];
  for (const [key, text] of Object.entries(ANNOTATIONS)) {
    if (metadata.annotations?.[key] !== undefined) warnings.push(`metadata.annotations[${key}]: ${text}`);
  }
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    warnings.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    );
  }
  for (const [index, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) {
    warnings.push(...nodeTermWarnings(`spec.nodeAffinity.required.nodeSelectorTerms[${index}]`, term, false));
  }
  for (const [field, shown, deprecated, gone] of SOURCES) {
    if (spec[field] !== undefined)
      warnings.push(`spec.${shown}: deprecated in ${deprecated}, non-functional in ${gone}+`);
  }
  return warnings;
}
