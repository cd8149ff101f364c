import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import type { PersistentVolume } from '../../machinery/api/core-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import type { ReconcileContext } from '../controller.js';
import { failingUnlessGone } from '../owned-pods.js';
import { PROVISIONED_BY, setVolumePhase, unbind } from './binding.js';
import { hasMode } from './volume-match.js';

type Context = ReconcileContext<undefined>;

/** Makes the phase of a volume what its claim says, and does with one that is released what its policy says. */
export function syncVolume(context: Context, volume: PersistentVolume): void {
  const { claimRef } = volume.spec;
  if (claimRef === undefined || (claimRef.uid ?? '') === '') return setVolumePhase(context, volume, 'Available');
  const found = context.client.get(persistentVolumeClaim, `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`);
  const claim = found?.metadata.uid === claimRef.uid ? found : undefined;
  if (claim === undefined) return release(context, volume);
  const { volumeName = '' } = claim.spec;
  if (volumeName === '') {
    if (!hasMode(volume, claim)) {
      const { recorder } = context;
      const [ours, theirs] = [volume.metadata.name, claim.metadata.name].map(goQuote);
      const cause = 'due to incompatible volumeMode.';
      const volumeWords = `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${theirs ?? ''} ${cause}`;
      recorder.record(volume, 'Warning', 'VolumeMismatch', volumeWords);
      const claimWords = `Cannot bind PersistentVolume ${ours ?? ''} to requested PersistentVolumeClaim ${cause}`;
      recorder.record(claim, 'Warning', 'VolumeMismatch', claimWords);
    }
    return;
  }
  if (volumeName === volume.metadata.name) return setVolumePhase(context, volume, 'Bound');
  const isMade = volume.metadata.annotations?.[PROVISIONED_BY] !== undefined;
  if (isMade && volume.spec.persistentVolumeReclaimPolicy === 'Delete') release(context, volume);
  else unbind(context, volume);
}

function release(context: Context, volume: PersistentVolume): void {
  const { phase } = volume.status ?? {};
  if (phase !== 'Released' && phase !== 'Failed') return setVolumePhase(context, volume, 'Released');
  if (phase === 'Failed' || volume.spec.persistentVolumeReclaimPolicy !== 'Delete') return;
  const fault = deletionFault(volume);
  if (fault === 'elsewhere' || volume.metadata.deletionTimestamp !== undefined) return;
  if (fault === undefined) {
    context.client.delete(persistentVolume, volume, {}, failingUnlessGone(context));
    return;
  }
  context.recorder.record(volume, 'Warning', 'VolumeFailedDelete', fault);
  setVolumePhase(context, volume, 'Failed', fault);
}

/** Why a volume cannot be deleted here; `elsewhere` where the driver that made it does that. */
function deletionFault({ metadata, spec }: PersistentVolume): string | undefined {
  const provisioner = metadata.annotations?.[PROVISIONED_BY] ?? '';
  if (spec.csi !== undefined || (provisioner !== '' && !provisioner.startsWith('kubernetes.io/'))) return 'elsewhere';
  if (spec.hostPath === undefined) {
    return `error getting deleter volume plugin for volume ${goQuote(metadata.name)}: no deletable volume plugin matched`;
  }
  if (/^\/tmp\/.+/.test(spec.hostPath.path)) return undefined;
  return `host_path deleter only supports /tmp/.+ but received provided ${spec.hostPath.path}`;
}
