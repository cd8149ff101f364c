// Simulates what the sidecars of a CSI driver do, for every driver that has a CSIDriver object: it makes volumes for claims,
// grows them, and deletes what is released. Not a part of upstream's kube-controller-manager. Volumes belong to the zone of
// the node that was selected, where there is one.
import { milliseconds, type Duration, type Instant } from '../../kernel/clock.js';
import { csiDriver } from '../../kinds/csi-driver.js';
import { node } from '../../kinds/node.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { storageClass } from '../../kinds/storage-class.js';
import type { NodeSelectorRequirement, PersistentVolume, PersistentVolumeClaim } from '../../machinery/api/core-v1.js';
import type { CSIDriver, StorageClass } from '../../machinery/api/storage-v1.js';
import { apiVersionOf, keyOf } from '../../machinery/object.js';
import type { NewObject } from '../../machinery/resource-api.port.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import { failingUnlessGone } from '../owned-pods.js';
import { isAlreadyThere } from '../status-errors.js';
import { PROVISIONED_BY, SELECTED_NODE } from '../volumes/binding.js';
import { PROVISIONER } from '../volumes/claim-sync.js';
import { beginGrowth, endGrowth, isToGrow } from '../volumes/volume-growth.js';
import { classOf } from '../volumes/volume-match.js';

/** How long a driver takes to make, grow or delete a volume. */
const WORK_TIME = milliseconds(500);
const FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';
const ZONE = 'topology.kubernetes.io/zone';

/** When work on a claim or volume ends, by key. */
type State = Map<string, Instant>;
type Context = ReconcileContext<State>;

/** Keys without a namespace are names of volumes. */
export const csiProvisionerController = defineController<PersistentVolumeClaim, State>({
  name: 'csi-provisioner',
  option: 'csi-provisioner',
  serviceAccount: 'persistent-volume-binder',
  primary: persistentVolumeClaim,
  watches: [
    watching<PersistentVolume, State>({
      kind: persistentVolume,
      map: ({ metadata, spec }) => (spec.csi === undefined ? [] : [metadata.name]),
    }),
    watching<CSIDriver, State>({
      kind: csiDriver,
      matters: () => false,
      map: ({ metadata }, { client }) =>
        client
          .list(persistentVolumeClaim)
          .filter((claim) => claim.metadata.annotations?.[PROVISIONER] === metadata.name)
          .map(keyOf),
    }),
  ],
  newState: () => new Map(),

  reconcile(context, claim) {
    const { client, key, state } = context;
    if (!key.includes('/')) {
      const volume = client.get(persistentVolume, key);
      return volume === undefined ? finish(state, key) : reclaim(context, volume);
    }
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return finish(state, key);
    return claim.status?.phase === 'Bound' ? grow(context, claim) : provision(context, claim);
  },
});

function finish(state: State, key: string): Duration | undefined {
  state.delete(key);
  return undefined;
}

/** How long the work on this key goes on; 0 when it is done. `begin` is called once. */
function workLeft({ state, key, simulation }: Context, begin: () => void): Duration {
  const end = state.get(key);
  if (end === undefined) {
    begin();
    state.set(key, (simulation.now + WORK_TIME) as Instant);
    return WORK_TIME;
  }
  const left = end - simulation.now;
  if (left > 0) return milliseconds(left);
  state.delete(key);
  return milliseconds(0);
}

function provision(context: Context, claim: PersistentVolumeClaim): Duration | undefined {
  const { client, recorder, key } = context;
  const driver = claim.metadata.annotations?.[PROVISIONER];
  const found = client.get(storageClass, classOf(claim));
  const { uid = '' } = claim.metadata;
  const name = `pvc-${uid}`;
  const isDue =
    driver !== undefined &&
    found !== undefined &&
    client.get(csiDriver, driver) !== undefined &&
    client.get(persistentVolume, name) === undefined &&
    (claim.spec.volumeName ?? '') === '';
  if (!isDue) {
    finish(context.state, key);
    return;
  }
  const left = workLeft(context, () => {
    const message = `External provisioner is provisioning volume for claim "${key}"`;
    recorder.record(claim, 'Normal', 'Provisioning', message);
  });
  if (left > 0) return left;
  context.create(persistentVolume, undefined, volumeFor(context, claim, found, driver), ({ error }) => {
    if (error === undefined) {
      recorder.record(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${name}`);
    } else if (!isAlreadyThere(error)) {
      const message = `failed to provision volume with StorageClass "${found.metadata.name}": ${error.message}`;
      recorder.record(claim, 'Warning', 'ProvisioningFailed', message);
      context.fail(error);
    }
  });
  return undefined;
}

function volumeFor(
  context: Context,
  claim: PersistentVolumeClaim,
  { metadata, parameters, reclaimPolicy = 'Delete', mountOptions }: StorageClass,
  driver: string,
): NewObject<PersistentVolume> {
  const { name, namespace = '', uid = '', resourceVersion = '', annotations } = claim.metadata;
  const reference = { kind: persistentVolumeClaim.kind, apiVersion: apiVersionOf(persistentVolumeClaim) };
  const { accessModes, resources, volumeMode = 'Filesystem', volumeAttributesClassName } = claim.spec;
  const zone = zoneOf(context, annotations?.[SELECTED_NODE]);
  return {
    metadata: {
      name: `pvc-${uid}`,
      annotations: { [PROVISIONED_BY]: driver },
      ...(reclaimPolicy === 'Delete' ? { finalizers: [FINALIZER] } : {}),
    },
    spec: {
      capacity: { storage: resources?.requests?.['storage'] ?? '0' },
      ...(accessModes === undefined ? {} : { accessModes }),
      claimRef: { ...reference, namespace, name, uid, resourceVersion },
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: metadata.name,
      ...(mountOptions === undefined ? {} : { mountOptions }),
      volumeMode,
      ...(volumeAttributesClassName === undefined ? {} : { volumeAttributesClassName }),
      ...(zone === undefined
        ? {}
        : { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [zone] }] } } }),
      csi: {
        driver,
        volumeHandle: uid,
        ...(volumeMode === 'Filesystem' ? { fsType: parameters?.['csi.storage.k8s.io/fstype'] ?? 'ext4' } : {}),
      },
    },
  };
}

function zoneOf({ client }: Context, nodeName: string | undefined): NodeSelectorRequirement | undefined {
  const zone = nodeName === undefined ? undefined : client.get(node, nodeName)?.metadata.labels?.[ZONE];
  return zone === undefined ? undefined : { key: ZONE, operator: 'In', values: [zone] };
}

/** Brings a bound volume to the size that its claim asks for. */
function grow(context: Context, claim: PersistentVolumeClaim): Duration | undefined {
  const { client, key, state } = context;
  const volume = client.get(persistentVolume, claim.spec.volumeName ?? '');
  const driver = volume?.spec.csi?.driver;
  const isOurs = driver !== undefined && client.get(csiDriver, driver) !== undefined;
  if (volume === undefined || !isOurs || !isToGrow(volume, claim)) {
    finish(state, key);
    return;
  }
  const left = workLeft(context, () => beginGrowth(context, claim));
  if (left > 0) return left;
  endGrowth(context, claim, volume);
  return undefined;
}

/** What is released and not to be kept goes, and what was deleted loses its finalizer. */
function reclaim(context: Context, volume: PersistentVolume): Duration | undefined {
  const { client, key, state } = context;
  const { csi, persistentVolumeReclaimPolicy, claimRef } = volume.spec;
  const { phase } = volume.status ?? {};
  const { uid, finalizers = [], deletionTimestamp } = volume.metadata;
  const isDone = persistentVolumeReclaimPolicy === 'Delete' && claimRef !== undefined && phase === 'Released';
  if (csi === undefined || !isDone || client.get(csiDriver, csi.driver) === undefined) {
    finish(state, key);
    return;
  }
  const left = workLeft(context, () => undefined);
  if (left > 0) return left;
  if (finalizers.includes(FINALIZER)) {
    const kept = finalizers.filter((each) => each !== FINALIZER);
    const patch = { metadata: { uid, finalizers: kept.length === 0 ? null : kept } };
    client.patch(persistentVolume, key, patch, failingUnlessGone(context));
  }
  if (deletionTimestamp === undefined) client.delete(persistentVolume, volume, {}, failingUnlessGone(context));
  return undefined;
}
