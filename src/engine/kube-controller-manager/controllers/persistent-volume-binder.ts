// Mirrors upstream's persistent volume controller: binds claims and volumes step by step, waits for consumers, hands claims
// to provisioners, reclaims volumes. It leaves out recycling, and looks again only when a claim, a volume or a class changes.
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { storageClass } from '../../kinds/storage-class.js';
import type { PersistentVolume, PersistentVolumeClaim } from '../../machinery/api/core-v1.js';
import type { StorageClass } from '../../machinery/api/storage-v1.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching } from '../controller.js';
import { isCompleted } from '../volumes/binding.js';
import { syncClaim } from '../volumes/claim-sync.js';
import { classOf } from '../volumes/volume-match.js';
import { syncVolume } from '../volumes/volume-sync.js';

/** Keys of claims are `namespace/name`; keys without a namespace are names of volumes. */
export const persistentVolumeBinder = defineController<PersistentVolumeClaim>({
  name: 'persistentvolume-controller',
  option: 'persistentvolume-binder-controller',
  serviceAccount: 'persistent-volume-binder',
  primary: persistentVolumeClaim,
  watches: [
    watching<PersistentVolume, undefined>({
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
    watching<PersistentVolumeClaim, undefined>({
      kind: persistentVolumeClaim,
      map: ({ spec }) => (spec.volumeName === undefined || spec.volumeName === '' ? [] : [spec.volumeName]),
    }),
    watching<StorageClass, undefined>({
      kind: storageClass,
      map: ({ metadata }, { client }, type) =>
        type === 'deleted'
          ? []
          : client
              .list(persistentVolumeClaim)
              .filter((claim) => !isCompleted(claim) && ['', metadata.name].includes(classOf(claim)))
              .map(keyOf),
    }),
  ],

  reconcile(context, claim) {
    const { client, key } = context;
    if (key.includes('/')) {
      if (claim !== undefined) syncClaim(context, claim);
      return undefined;
    }
    const volume = client.get(persistentVolume, key);
    if (volume !== undefined) syncVolume(context, volume);
    return undefined;
  },
});
