// Mirrors upstream's PV protection controller: a deleted volume stays while it is bound.
import { persistentVolume } from '../../kinds/persistent-volume.js';
import type { PersistentVolume } from '../../machinery/api/core-v1.js';
import { defineController } from '../controller.js';
import { needsProtecting, protect } from '../volumes/protection.js';

const FINALIZER = 'kubernetes.io/pv-protection';

export const pvProtectionController = defineController<PersistentVolume>({
  name: 'pv-protection-controller',
  option: 'persistentvolume-protection-controller',
  primary: persistentVolume,
  concerns: (object) => needsProtecting(object, FINALIZER),

  reconcile(context, object) {
    protect(context, object, {
      kind: persistentVolume,
      finalizer: FINALIZER,
      isUsed: ({ status }) => status?.phase === 'Bound',
    });
    return undefined;
  },
});
