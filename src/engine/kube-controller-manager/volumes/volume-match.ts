import type { PersistentVolume, PersistentVolumeClaim } from '../../machinery/api/core-v1.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { goQuote } from '../../machinery/go-text.js';
import { compareQuantities, quantityValue } from '../../machinery/quantity.js';

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

export const classOf = ({ metadata, spec }: PersistentVolumeClaim | PersistentVolume): string =>
  metadata.annotations?.[CLASS_ANNOTATION] ?? spec.storageClassName ?? '';

export const sizeOf = ({ spec }: PersistentVolume): string => spec.capacity?.['storage'] ?? '0';

const requestOf = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0';

/** Whether the volume is meant for this claim: by name, and by uid where it says one. */
export function isMeantFor({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  if (claimRef?.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return (claimRef.uid ?? '') === '' || claimRef.uid === metadata.uid;
}

/**
 * The volume that a claim gets: one that is meant for it, else the smallest that is large enough, of those with the fewest
 * access modes. Where binding waits for a pod, only the former. Mirrors upstream's `FindMatchingVolume`.
 */
export function bestVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  isDelayed: boolean,
): PersistentVolume | undefined {
  const possible = volumes.filter(
    (each) => offersModes(each, claim) && hasMode(each, claim) && isLargeEnough(each, claim),
  );
  const counts = [...new Set(possible.map(({ spec }) => spec.accessModes?.length ?? 0))].toSorted((a, b) => a - b);
  for (const count of counts) {
    const group = possible.filter(({ spec }) => (spec.accessModes?.length ?? 0) === count);
    const meant = group.find((each) => isMeantFor(each, claim) && each.metadata.deletionTimestamp === undefined);
    if (meant !== undefined) return meant;
    const free = isDelayed ? [] : group.filter((each) => isFree(each, claim));
    const [smallest] = free.toSorted((a, b) => compareQuantities(sizeOf(a), sizeOf(b)));
    if (smallest !== undefined) return smallest;
  }
  return undefined;
}

/** Why a claim cannot have the volume that it names; `undefined` where it can. */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  const { metadata, spec } = volume;
  if (metadata.deletionTimestamp !== undefined) return `the volume is marked for deletion ${goQuote(metadata.name)}`;
  if (quantityValue(sizeOf(volume)) < quantityValue(requestOf(claim))) return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if ((spec.volumeAttributesClassName ?? '') !== (claim.spec.volumeAttributesClassName ?? ''))
    return 'volumeAttributesClassName does not match';
  if (!hasMode(volume, claim)) return 'incompatible volumeMode';
  return offersModes(volume, claim) ? undefined : 'incompatible accessMode';
}

function isFree(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { metadata, spec, status } = volume;
  if (metadata.deletionTimestamp !== undefined || status?.phase !== 'Available' || spec.claimRef !== undefined)
    return false;
  if (classOf(volume) !== classOf(claim)) return false;
  if ((spec.volumeAttributesClassName ?? '') !== (claim.spec.volumeAttributesClassName ?? '')) return false;
  const { selector } = claim.spec;
  return selector === undefined || matches(fromLabelSelector(selector), metadata.labels);
}

export const hasMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem');

const offersModes = ({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode));

const isLargeEnough = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  compareQuantities(sizeOf(volume), requestOf(claim)) >= 0;
