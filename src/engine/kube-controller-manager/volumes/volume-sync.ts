import type { Duration } from '../../kernel/clock.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import type { PersistentVolume, PersistentVolumeClaim } from '../../machinery/api/core-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import { failingUnlessGone } from '../owned-pods.js';
import type { BinderContext } from './binder-state.js';
import { PROVISIONED_BY, setVolumePhase, unbind } from './binding.js';
import { followRecycler, recycle, RETRY_PERIOD } from './recycling.js';
import { hasMode } from './volume-match.js';

type Context = BinderContext;

/**
 * Makes the phase of a volume what its claim says, and does with one that is released what its policy says. Returns when to
 * look again.
 */
export function syncVolume(context: Context, volume: PersistentVolume): Duration | undefined {
  const recycling = context.state.get(volume.metadata.name);
  if (recycling !== undefined && followRecycler(context, recycling) === 'over') return RETRY_PERIOD;
  const claim = claimOf(context, volume);
  if (claim === 'gone') return release(context, volume);
  settle(context, volume, claim);
  return undefined;
}

/** The claim that the volume is for: `gone` where it was, `undefined` where there never was one. */
function claimOf(
  { client }: Context,
  { spec: { claimRef } }: PersistentVolume,
): PersistentVolumeClaim | 'gone' | undefined {
  if (claimRef === undefined || (claimRef.uid ?? '') === '') return undefined;
  const found = client.get(persistentVolumeClaim, `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`);
  return found?.metadata.uid === claimRef.uid ? found : 'gone';
}

function settle(context: Context, volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): void {
  if (claim === undefined) return setVolumePhase(context, volume, 'Available');
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

function release(context: Context, volume: PersistentVolume): Duration | undefined {
  const { phase } = volume.status ?? {};
  if (phase !== 'Released' && phase !== 'Failed') setVolumePhase(context, volume, 'Released');
  else if (volume.spec.persistentVolumeReclaimPolicy === 'Recycle') return recycle(context, volume);
  else remove(context, volume);
  return undefined;
}

function remove(context: Context, volume: PersistentVolume): void {
  if (volume.status?.phase === 'Failed' || volume.spec.persistentVolumeReclaimPolicy !== 'Delete') return;
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
