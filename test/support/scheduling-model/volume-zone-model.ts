import type { PersistentVolumeClaim, Pod } from '../../../src/engine/machinery/api/core-v1.js';
import { labelsOf, unfit, type ClusterRule, type FilterRule, type ModelWorld } from './model-world.js';
import { claimsUsed, className, classOf, missingText, volumeOf } from './storage-world.js';

/** Labels of places, and what nodes call the same today. */
const PLACES: Readonly<Record<string, string>> = {
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
};

/** A node that has any label of a place has to have those of the pod's volumes. */
export const volumeZoneRule: FilterRule = (world, pod, node) => {
  const fault = volumeZoneFault(world, pod);
  if (fault !== undefined) return unfit(fault);
  const claims = namedClaims(world, pod);
  const labels = labelsOf(node);
  if (Object.keys(PLACES).every((key) => labels[key] === undefined)) return undefined;
  for (const { claim } of claims) {
    const volume = volumeOf(world, claim?.spec?.volumeName);
    for (const [key, current] of Object.entries(PLACES)) {
      const zones = volume === undefined ? undefined : labelsOf(volume)[key]?.split('__');
      const place = labels[key] ?? labels[current];
      if (zones !== undefined && (place === undefined || !zones.includes(place)))
        return unfit('node(s) had no available volume zone');
    }
  }
  return undefined;
};

export const volumeZoneFault: ClusterRule = (world, pod) => {
  for (const { name, claim } of namedClaims(world, pod)) {
    const fault = claim === undefined ? missingText(name) : faultOf(world, claim);
    if (fault !== undefined) return fault;
  }
  return undefined;
};

const namedClaims = (world: ModelWorld, pod: Pod) => claimsUsed(world, pod).filter(({ isEphemeral }) => !isEphemeral);

/** A claim has to have its volume, or a class that waits for the pod. */
function faultOf(world: ModelWorld, claim: PersistentVolumeClaim): string | undefined {
  const { volumeName = '' } = claim.spec ?? {};
  if (volumeName !== '')
    return volumeOf(world, volumeName) === undefined ? `persistentvolume "${volumeName}" not found` : undefined;
  if (className(claim) === '') return 'PersistentVolumeClaim had no pv name and storageClass name';
  const found = classOf(world, claim);
  if (found === undefined) return `storageclass.storage.k8s.io "${className(claim)}" not found`;
  return found.volumeBindingMode === 'WaitForFirstConsumer' ? undefined : 'PersistentVolume had no name';
}
