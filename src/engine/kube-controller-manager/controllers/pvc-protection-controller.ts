// Mirrors upstream's PVC protection controller: a deleted claim stays while a pod on a node uses it.
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { claimNamesOf, podsByClaim } from '../../kinds/pod-claims.js';
import { pod } from '../../kinds/pod.js';
import type { PersistentVolumeClaim, Pod } from '../../machinery/api/core-v1.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching } from '../controller.js';
import { needsProtecting, protect } from '../volumes/protection.js';

const FINALIZER = 'kubernetes.io/pvc-protection';

export const pvcProtectionController = defineController<PersistentVolumeClaim>({
  name: 'pvc-protection-controller',
  option: 'persistentvolumeclaim-protection-controller',
  primary: persistentVolumeClaim,
  concerns: (object) => needsProtecting(object, FINALIZER),
  watches: [
    watching<Pod, undefined>({
      kind: pod,
      matters: (object, previous) => isShutDown(object) !== isShutDown(previous),
      // A pod that came to its node holds its claims: only its end can set one free.
      map: (object, _context, type) =>
        type === 'added' ? [] : claimNamesOf(object).map((name) => `${object.metadata.namespace ?? ''}/${name}`),
    }),
  ],

  reconcile(context, object) {
    protect(context, object, {
      kind: persistentVolumeClaim,
      finalizer: FINALIZER,
      isUsed: (claim) => context.client.indexed(pod, podsByClaim, keyOf(claim)).some((each) => uses(each, claim)),
    });
    return undefined;
  },
});

/** A pod that no node has yet holds nothing: no kubelet starts it with a claim that is being deleted. */
function uses(user: Pod, { metadata }: PersistentVolumeClaim): boolean {
  if (user.spec.nodeName === undefined || user.spec.nodeName === '') return false;
  const isOwn = metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === user.metadata.uid);
  return (user.spec.volumes ?? []).some(
    (volume) =>
      volume.persistentVolumeClaim?.claimName === metadata.name ||
      (volume.ephemeral !== undefined &&
        isOwn === true &&
        !isShutDown(user) &&
        `${user.metadata.name}-${volume.name}` === metadata.name),
  );
}

/** The kubelet is done with it, or it was deleted by force. */
const isShutDown = ({ metadata }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
