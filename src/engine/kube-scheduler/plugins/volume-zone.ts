import { storageClass } from '../../kinds/storage-class.js';
import type { PersistentVolume, Pod } from '../../machinery/api/core-v1.js';
import type { StorageClass } from '../../machinery/api/storage-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { classOf, notFoundText } from '../claims-of-pod.js';
import { definePlugin, unresolvable, type Cycle, type Rejection } from '../framework.js';
import { podInfo } from '../pod-info.js';

const REFUSED = unresolvable('node(s) had no available volume zone');
const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
/** Labels of volumes that bind them to a place, and the names by which nodes carry them today. */
const PLACE_LABELS: readonly (readonly [label: string, current: string])[] = Object.freeze([
  ['failure-domain.beta.kubernetes.io/zone', ZONE],
  ['failure-domain.beta.kubernetes.io/region', REGION],
  [ZONE, ZONE],
  [REGION, REGION],
]);
/** Between the zones of a volume that is in several. */
const ZONE_DELIMITER = '__';

interface Place {
  readonly label: string;
  readonly current: string;
  readonly values: readonly string[];
}

/** Keeps a pod in the zones that the labels of its volumes name. */
export const volumeZone = definePlugin({
  name: 'VolumeZone',
  retryOn: [
    { on: ['Node/Add', 'Node/UpdateLabel', 'PersistentVolume/Add'] },
    {
      on: ['StorageClass/Add'],
      isWorth: (_, { object }) => (object as StorageClass).volumeBindingMode === 'WaitForFirstConsumer',
    },
    {
      on: ['PersistentVolume/Update'],
      isWorth: (_, { object, previous }) =>
        !deepEqual(labelled(object as PersistentVolume), labelled(previous as PersistentVolume)),
    },
    {
      on: ['PersistentVolumeClaim/Add', 'PersistentVolumeClaim/Update'],
      isWorth: (pod, { object }) => object !== undefined && usesClaim(pod, object.metadata),
    },
  ],

  filter(cycle) {
    const places: Place[] = [];
    for (const key of cycle.info.claims) {
      const found = placesOf(cycle, key);
      if ('reasons' in found) return { rejects: found };
      places.push(...found);
    }
    if (places.length === 0) return undefined;
    return {
      ignoresPods: true,
      check({ labels }) {
        if (PLACE_LABELS.every(([label]) => labels[label] === undefined)) return undefined;
        const isThere = ({ label, current, values }: Place): boolean => {
          const value = labels[label] ?? labels[current];
          return value !== undefined && values.includes(value);
        };
        return places.every(isThere) ? undefined : REFUSED;
      },
    };
  },
});

function placesOf({ volumes, objects }: Cycle, key: string): readonly Place[] | Rejection {
  const claim = volumes.claim(key);
  if (claim === undefined) return unresolvable(notFoundText(key.slice(key.indexOf('/') + 1)));
  const volumeName = claim.spec?.volumeName ?? '';
  if (volumeName !== '') {
    const volume = volumes.volume(volumeName);
    return volume === undefined ? unresolvable(`persistentvolume "${volumeName}" not found`) : labelled(volume);
  }
  const className = classOf(claim);
  if (className === '') return unresolvable('PersistentVolumeClaim had no pv name and storageClass name');
  const found = objects.get(storageClass, className);
  if (found === undefined) return unresolvable(`storageclass.storage.k8s.io "${className}" not found`);
  return found.volumeBindingMode === 'WaitForFirstConsumer' ? [] : unresolvable('PersistentVolume had no name');
}

const labelled = ({ metadata }: PersistentVolume): readonly Place[] =>
  PLACE_LABELS.flatMap(([label, current]) => {
    const value = metadata.labels?.[label];
    return value === undefined ? [] : [{ label, current, values: value.split(ZONE_DELIMITER) }];
  });

const usesClaim = (
  pod: Pod,
  { namespace = '', name }: { readonly namespace?: string; readonly name: string },
): boolean => podInfo(pod).claims.includes(`${namespace}/${name}`);
