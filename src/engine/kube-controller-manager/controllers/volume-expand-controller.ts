// Mirrors upstream's expand controller: says of a claim that has to grow that somebody outside does that, which holds of every
// driver since none is a part of Kubernetes. It leaves out flexVolumes and drivers that were a part once.
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import type { PersistentVolumeClaim } from '../../machinery/api/core-v1.js';
import { compareQuantities } from '../../machinery/quantity.js';
import { defineController } from '../controller.js';

export const volumeExpandController = defineController<PersistentVolumeClaim>({
  name: 'volume_expand',
  option: 'persistentvolume-expander-controller',
  serviceAccount: 'expand-controller',
  primary: persistentVolumeClaim,
  concerns: ({ status }) => status?.phase === 'Bound',
  matters: (object, previous) =>
    compareQuantities(wantedBy(object), wantedBy(previous)) > 0 ||
    compareQuantities(hadBy(object), hadBy(previous)) > 0,

  reconcile({ client, recorder }, claim) {
    if (claim === undefined || compareQuantities(wantedBy(claim), hadBy(claim)) <= 0) return undefined;
    const volume = client.get(persistentVolume, claim.spec.volumeName ?? '');
    if (volume?.spec.claimRef?.uid !== claim.metadata.uid) return undefined;
    const message = 'waiting for an external controller to expand this PVC';
    recorder.record(claim, 'Normal', 'ExternalExpanding', message);
    return undefined;
  },
});

const wantedBy = ({ spec }: PersistentVolumeClaim): string => spec.resources?.requests?.['storage'] ?? '0';
const hadBy = ({ status }: PersistentVolumeClaim): string => status?.capacity?.['storage'] ?? '0';
