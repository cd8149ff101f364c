// Simulates the part of a CSI driver's external resizer that gives a volume the attributes of another class. Not a part of
// upstream's kube-controller-manager. No driver finds parameters that it cannot have.
import { between, milliseconds, timestamp, type Instant } from '../../kernel/clock.js';
import { csiDriver } from '../../kinds/csi-driver.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { volumeAttributesClass } from '../../kinds/volume-attributes-class.js';
import type { PersistentVolumeClaim, PersistentVolumeClaimCondition } from '../../machinery/api/core-v1.js';
import type { VolumeAttributesClass } from '../../machinery/api/storage-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';

/** How long a driver takes. */
const WORK_TIME = milliseconds(500);
const CONDITIONS: readonly string[] = ['ModifyingVolume', 'ModifyVolumeError'];

/** Since when a volume is being changed, by key of its claim. */
type State = Map<string, Instant>;
type Context = ReconcileContext<State>;

export const csiModifierController = defineController<PersistentVolumeClaim, State>({
  name: 'csi-modifier',
  option: 'csi-provisioner',
  serviceAccount: 'persistent-volume-binder',
  primary: persistentVolumeClaim,
  concerns: (claim) => isToModify(claim),
  watches: [
    watching<VolumeAttributesClass, State>({
      kind: volumeAttributesClass,
      matters: () => false,
      map: ({ metadata }, { client }, type) =>
        type === 'deleted'
          ? []
          : client
              .list(persistentVolumeClaim)
              .filter((claim) => isToModify(claim) && wantedClass(claim) === metadata.name)
              .map(keyOf),
    }),
  ],
  newState: () => new Map(),

  reconcile(context, claim) {
    const { client, key, state, simulation } = context;
    const volume = claim === undefined ? undefined : client.get(persistentVolume, claim.spec.volumeName ?? '');
    const driver = volume?.spec.csi?.driver;
    const isOurs = driver !== undefined && client.get(csiDriver, driver) !== undefined;
    if (claim === undefined || volume === undefined || !isOurs || !isToModify(claim)) {
      state.delete(key);
      return undefined;
    }
    const begun = state.get(key);
    if (begun === undefined) {
      if (!begin(context, claim)) return undefined;
      state.set(key, simulation.now);
      return WORK_TIME;
    }
    const elapsed = between(begun, simulation.now);
    if (elapsed < WORK_TIME) return milliseconds(WORK_TIME - elapsed);
    state.delete(key);
    end(context, claim, volume.metadata.name);
    return undefined;
  },
});

const wantedClass = ({ spec }: PersistentVolumeClaim): string => spec.volumeAttributesClassName ?? '';

const isToModify = (claim: PersistentVolumeClaim): boolean =>
  claim.status?.phase === 'Bound' &&
  wantedClass(claim) !== '' &&
  wantedClass(claim) !== claim.status.currentVolumeAttributesClassName;

const otherConditions = ({ status }: PersistentVolumeClaim): readonly PersistentVolumeClaimCondition[] =>
  (status?.conditions ?? []).filter(({ type }) => !CONDITIONS.includes(type));

/** Whether the driver can set to work: the class has to be there. */
function begin({ client, key, recorder, simulation }: Context, claim: PersistentVolumeClaim): boolean {
  const name = wantedClass(claim);
  if (client.get(volumeAttributesClass, name) === undefined) {
    recorder.record(claim, 'Warning', 'VolumeModifyFailed', `VAC ${goQuote(name)} does not exist.`);
    if (claim.status?.modifyVolumeStatus?.status !== 'Pending') {
      client.patchStatus(persistentVolumeClaim, key, { status: { modifyVolumeStatus: { status: 'Pending' } } });
    }
    return false;
  }
  const condition: PersistentVolumeClaimCondition = {
    type: 'ModifyingVolume',
    status: 'True',
    lastProbeTime: timestamp(simulation.now),
    lastTransitionTime: null,
    message: `Modifying volume to ${goQuote(name)} is in progress.`,
  };
  client.patchStatus(persistentVolumeClaim, key, {
    status: {
      modifyVolumeStatus: { status: 'InProgress', targetVolumeAttributesClassName: name },
      conditions: [...otherConditions(claim), condition],
    },
  });
  const message = `external resizer is modifying volume ${claim.metadata.name} with vac ${name}`;
  recorder.record(claim, 'Normal', 'VolumeModify', message);
  return true;
}

function end({ client, key, recorder }: Context, claim: PersistentVolumeClaim, volumeName: string): void {
  const name = claim.status?.modifyVolumeStatus?.targetVolumeAttributesClassName ?? wantedClass(claim);
  const conditions = otherConditions(claim);
  client.patch(persistentVolume, volumeName, { spec: { volumeAttributesClassName: name } });
  client.patchStatus(persistentVolumeClaim, key, {
    status: {
      currentVolumeAttributesClassName: name,
      modifyVolumeStatus: null,
      conditions: conditions.length === 0 ? null : conditions,
    },
  });
  const message = `external resizer modified volume ${claim.metadata.name} with vac ${name} successfully`;
  recorder.record(claim, 'Normal', 'VolumeModifySuccessful', message);
}
