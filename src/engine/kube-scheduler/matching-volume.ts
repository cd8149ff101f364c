import type { Node, PersistentVolume, PersistentVolumeClaim } from '../machinery/api/core-v1.js';
import { fromLabelSelector, matches } from '../machinery/label-selector.js';
import { matchesNodeSelectorTerms } from '../machinery/node-selector.js';
import { quantityValue } from '../machinery/quantity.js';
import { classOf } from './claims-of-pod.js';

/** Whether the volume can be used on that node, as far as its node affinity says. */
export function isUsableOn({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec?.nodeAffinity?.required;
  return required === undefined || matchesNodeSelectorTerms(required.nodeSelectorTerms, node);
}

export const storageOf = (list: Readonly<Record<string, unknown>> | undefined): number => {
  const quantity = list?.['storage'];
  return typeof quantity === 'string' ? quantityValue(quantity) : 0;
};

/** The smallest available volume that satisfies the claim on that node, or the one that is promised to it already. */
export function matchingVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node: Node,
  taken: ReadonlySet<string>,
): PersistentVolume | undefined {
  const wanted = storageOf(claim.spec?.resources?.requests);
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (taken.has(volume.metadata.name) || !isCandidate(volume, claim, wanted)) continue;
    if (isPromisedTo(volume, claim)) return isUsableOn(volume, node) ? volume : undefined;
    if (!isFree(volume, claim) || !isUsableOn(volume, node)) continue;
    if (best === undefined || storageOf(volume.spec?.capacity) < storageOf(best.spec?.capacity)) best = volume;
  }
  return best;
}

function isCandidate(volume: PersistentVolume, claim: PersistentVolumeClaim, wanted: number): boolean {
  const { spec, metadata } = volume;
  if (spec?.claimRef !== undefined && !isPromisedTo(volume, claim)) return false;
  if (storageOf(spec?.capacity) < wanted || metadata.deletionTimestamp !== undefined) return false;
  if ((spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) return false;
  return (spec?.volumeAttributesClassName ?? '') === (claim.spec?.volumeAttributesClassName ?? '');
}

function isPromisedTo({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const claim = spec?.claimRef;
  if (claim?.name !== metadata.name || claim.namespace !== metadata.namespace) return false;
  return (claim.uid ?? '') === '' || claim.uid === metadata.uid;
}

function isFree({ spec, status, metadata }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  if (status?.phase !== 'Available' || (spec?.storageClassName ?? '') !== classOf(claim)) return false;
  const { selector, accessModes = [] } = claim.spec ?? {};
  if (selector !== undefined && !matches(fromLabelSelector(selector), metadata.labels)) return false;
  return accessModes.every((mode) => spec?.accessModes?.includes(mode) === true);
}
