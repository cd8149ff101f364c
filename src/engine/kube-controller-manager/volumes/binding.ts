import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimStatus,
} from '../../machinery/api/core-v1.js';
import { apiVersionOf, keyOf } from '../../machinery/object.js';
import { deepEqual } from '../../machinery/equality.js';
import { without } from '../without.js';
import type { BinderContext } from './binder-state.js';
import { isMeantFor } from './volume-match.js';

export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

type Context = BinderContext;

/** Takes the next step of binding the two; each step brings the next pass. */
export function bind(context: Context, volume: PersistentVolume, claim: PersistentVolumeClaim): void {
  const { client } = context;
  const { name, namespace = '', uid = '', resourceVersion = '' } = claim.metadata;
  const { claimRef } = volume.spec;
  if (claimRef?.uid !== uid || claimRef.name !== name || claimRef.namespace !== namespace) {
    const isOurs = !isMeantFor(volume, claim);
    const { kind } = persistentVolumeClaim;
    const reference = { kind, namespace, name, uid, apiVersion: apiVersionOf(persistentVolumeClaim), resourceVersion };
    const annotations = { ...volume.metadata.annotations, ...(isOurs ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}) };
    const metadata = Object.keys(annotations).length === 0 ? volume.metadata : { ...volume.metadata, annotations };
    client.update(persistentVolume, { ...volume, metadata, spec: { ...volume.spec, claimRef: reference } });
  } else if (volume.status?.phase !== 'Bound') setVolumePhase(context, volume, 'Bound');
  else if (claim.spec.volumeName !== volume.metadata.name || !isCompleted(claim)) {
    const isOurs = (claim.spec.volumeName ?? '') === '';
    const annotations = {
      ...claim.metadata.annotations,
      [BIND_COMPLETED]: 'yes',
      ...(isOurs ? { [BOUND_BY_CONTROLLER]: 'yes' } : {}),
    };
    const spec = { ...claim.spec, volumeName: volume.metadata.name };
    client.update(persistentVolumeClaim, { ...claim, metadata: { ...claim.metadata, annotations }, spec });
  } else setClaimBound(context, volume, claim);
}

export const isCompleted = ({ metadata }: PersistentVolumeClaim): boolean =>
  metadata.annotations?.[BIND_COMPLETED] !== undefined;

function setClaimBound({ client }: Context, volume: PersistentVolume, claim: PersistentVolumeClaim): void {
  const { status = {} } = claim;
  const { accessModes, capacity, volumeAttributesClassName } = volume.spec;
  const isNew = status.phase !== 'Bound';
  const next: PersistentVolumeClaimStatus = {
    ...status,
    phase: 'Bound',
    ...(accessModes === undefined ? {} : { accessModes }),
    ...(isNew && capacity !== undefined ? { capacity } : {}),
    ...(isNew && volumeAttributesClassName !== undefined
      ? { currentVolumeAttributesClassName: volumeAttributesClassName }
      : {}),
  };
  if (!deepEqual(next, status)) client.updateStatus(persistentVolumeClaim, { ...claim, status: next });
}

export function setClaimPhase({ client }: Context, claim: PersistentVolumeClaim, phase: 'Pending' | 'Lost'): void {
  const former = claim.status ?? {};
  const rest = without(former, 'accessModes', 'capacity', 'currentVolumeAttributesClassName');
  const status = { ...rest, phase };
  if (!deepEqual(status, claim.status)) client.updateStatus(persistentVolumeClaim, { ...claim, status });
}

export type VolumePhase = 'Available' | 'Bound' | 'Released' | 'Failed';

export function setVolumePhase(
  { client }: Context,
  volume: PersistentVolume,
  phase: VolumePhase,
  message?: string,
): void {
  if (volume.status?.phase === phase) return;
  const former = volume.status === undefined ? {} : without(volume.status, 'message');
  const status = { ...former, phase, ...(message === undefined ? {} : { message }) };
  client.updateStatus(persistentVolume, { ...volume, status });
}

/** Gives a volume back that its claim does not want. */
export function unbind({ client }: Context, volume: PersistentVolume): void {
  const { [BOUND_BY_CONTROLLER]: ours, ...annotations } = volume.metadata.annotations ?? {};
  const key = keyOf(volume);
  const { uid } = volume.metadata;
  if (ours === undefined) client.patch(persistentVolume, key, { metadata: { uid }, spec: { claimRef: { uid: null } } });
  else {
    const metadata = { uid, annotations: { ...annotations, [BOUND_BY_CONTROLLER]: null } };
    client.patch(persistentVolume, key, { metadata, spec: { claimRef: null } });
  }
}
