// Mirrors upstream's persistent volume controller: binds claims and volumes step by step, waits for consumers, hands claims
// to provisioners, reclaims volumes. It looks again only when a claim, a volume, a class or a recycler pod changes.
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { pod } from '../../kinds/pod.js';
import { storageClass } from '../../kinds/storage-class.js';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../machinery/api/core-v1.js';
import type { StorageClass } from '../../machinery/api/storage-v1.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching } from '../controller.js';
import type { BinderState } from '../volumes/binder-state.js';
import { isCompleted } from '../volumes/binding.js';
import { syncClaim } from '../volumes/claim-sync.js';
import { followRecycler, recycledBy } from '../volumes/recycling.js';
import { classOf } from '../volumes/volume-match.js';
import { syncVolume } from '../volumes/volume-sync.js';

/** Keys of claims are `namespace/name`; keys without a namespace are names of volumes. */
export const persistentVolumeBinder = defineController<PersistentVolumeClaim, BinderState>({
  name: 'persistentvolume-controller',
  option: 'persistentvolume-binder-controller',
  serviceAccount: 'persistent-volume-binder',
  primary: persistentVolumeClaim,
  watches: [
    watching<PersistentVolume, BinderState>({
      kind: persistentVolume,
      map(object, { client }) {
        const { metadata, spec } = object;
        const { namespace, name } = spec.claimRef ?? {};
        if (namespace !== undefined && name !== undefined) return [metadata.name, `${namespace}/${name}`];
        const waiting = client
          .list(persistentVolumeClaim)
          .filter(
            (claim) =>
              !isCompleted(claim) &&
              (claim.spec.volumeName === undefined
                ? classOf(claim) === classOf(object)
                : claim.spec.volumeName === metadata.name),
          );
        return [metadata.name, ...waiting.map(keyOf)];
      },
    }),
    watching<PersistentVolumeClaim, BinderState>({
      kind: persistentVolumeClaim,
      map: ({ spec }) => (spec.volumeName === undefined || spec.volumeName === '' ? [] : [spec.volumeName]),
    }),
    watching<StorageClass, BinderState>({
      kind: storageClass,
      map: ({ metadata }, { client }, type) =>
        type === 'deleted'
          ? []
          : client
              .list(persistentVolumeClaim)
              .filter((claim) => !isCompleted(claim) && ['', metadata.name].includes(classOf(claim)))
              .map(keyOf),
    }),
    watching<Pod, BinderState>({
      kind: pod,
      matters: (object, previous) => object.status !== previous.status && recycledBy(object) !== undefined,
      map(object) {
        const volumeName = recycledBy(object);
        return volumeName === undefined ? [] : [volumeName];
      },
    }),
  ],
  newState: () => new Map(),

  reconcile(context, claim) {
    const { client, key, state } = context;
    if (key.includes('/')) {
      if (claim !== undefined) syncClaim(context, claim);
      return undefined;
    }
    const volume = client.get(persistentVolume, key);
    if (volume !== undefined) return syncVolume(context, volume);
    const recycling = state.get(key);
    if (recycling !== undefined) followRecycler(context, recycling);
    return undefined;
  },
});
