// Simulates what the sidecars of a CSI driver do, for every driver that has a CSIDriver object: it makes volumes for claims,
// and deletes what is released; its resizer has a controller of its own. Not a part of upstream's kube-controller-manager. Volumes belong to the zone of
// the node that was selected, where there is one.
import { after, between, milliseconds, minutes, seconds, type Duration, type Instant } from '../../kernel/clock.js';
import { csiDriver } from '../../kinds/csi-driver.js';
import { node } from '../../kinds/node.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { storageClass } from '../../kinds/storage-class.js';
import { driverFault, type DriverFault } from '../../kinds/storage-spec/driver-faults.js';
import type { NodeSelectorRequirement, PersistentVolume, PersistentVolumeClaim } from '../../machinery/api/core-v1.js';
import type { CSIDriver, StorageClass } from '../../machinery/api/storage-v1.js';
import { apiVersionOf, keyOf } from '../../machinery/object.js';
import type { NewObject } from '../../machinery/resource-api.port.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import { failingUnlessGone } from '../owned-pods.js';
import { isAlreadyThere } from '../status-errors.js';
import { PROVISIONED_BY, SELECTED_NODE } from '../volumes/binding.js';
import { PROVISIONER } from '../volumes/claim-sync.js';
import { classOf } from '../volumes/volume-match.js';

/** How long a driver takes to make or delete a volume. */
const WORK_TIME = milliseconds(500);
const FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';
const ZONE = 'topology.kubernetes.io/zone';

/** A driver that failed to make a volume is asked again after so long, twice as long each time. */
const RETRY_MIN = seconds(1);
const RETRY_MAX = minutes(5);

interface State {
  /** When work on a claim or volume ends, by key. */
  readonly ends: Map<string, Instant>;
  /** How often the driver failed for a claim, and when it is asked again. */
  readonly failures: Map<string, { readonly count: number; readonly retry: Instant }>;
}
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
  newState: () => ({ ends: new Map(), failures: new Map() }),

  reconcile(context, claim) {
    const { client, key, state } = context;
    if (!key.includes('/')) {
      const volume = client.get(persistentVolume, key);
      return volume === undefined ? finish(state, key) : reclaim(context, volume);
    }
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return finish(state, key);
    return claim.status?.phase === 'Bound' ? finish(state, key) : provision(context, claim);
  },
});

function finish(state: State, key: string): Duration | undefined {
  state.ends.delete(key);
  state.failures.delete(key);
  return undefined;
}

/** How long the work on this key goes on; 0 when it is done. `begin` is called once. */
function workLeft({ state, key, simulation }: Context, begin: () => void): Duration {
  const end = state.ends.get(key);
  if (end === undefined) {
    begin();
    state.ends.set(key, (simulation.now + WORK_TIME) as Instant);
    return WORK_TIME;
  }
  const left = end - simulation.now;
  if (left > 0) return milliseconds(left);
  state.ends.delete(key);
  return milliseconds(0);
}

function provision(context: Context, claim: PersistentVolumeClaim): Duration | undefined {
  const { client, recorder, key } = context;
  const driver = claim.metadata.annotations?.[PROVISIONER];
  const found = client.get(storageClass, classOf(claim));
  const { uid = '' } = claim.metadata;
  const name = `pvc-${uid}`;
  const sidecars = driver === undefined ? undefined : client.get(csiDriver, driver);
  const isDue =
    driver !== undefined &&
    found !== undefined &&
    sidecars !== undefined &&
    (found.volumeBindingMode !== 'WaitForFirstConsumer' || claim.metadata.annotations?.[SELECTED_NODE] !== undefined) &&
    client.get(persistentVolume, name) === undefined &&
    (claim.spec.volumeName ?? '') === '';
  if (!isDue) {
    finish(context.state, key);
    return;
  }
  const { now } = context.simulation;
  const retry = context.state.failures.get(key)?.retry ?? now;
  if (now < retry) return between(now, retry);
  const left = workLeft(context, () => {
    const message = `External provisioner is provisioning volume for claim "${key}"`;
    recorder.record(claim, 'Normal', 'Provisioning', message);
  });
  if (left > 0) return left;
  const fault = driverFault(sidecars, 'CreateVolume', claim.spec.resources?.requests?.['storage']);
  if (fault !== undefined) return fail(context, claim, found.metadata.name, fault);
  context.state.failures.delete(key);
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

/** A driver without room where the pod is to run has the pod placed anew. */
function fail(context: Context, claim: PersistentVolumeClaim, className: string, fault: DriverFault): Duration {
  const { client, recorder, key, state, simulation } = context;
  const message = `failed to provision volume with StorageClass "${className}": ${fault.message}`;
  recorder.record(claim, 'Warning', 'ProvisioningFailed', message);
  const count = state.failures.get(key)?.count ?? 0;
  const wait = Math.min(RETRY_MIN * 2 ** count, RETRY_MAX) as Duration;
  state.failures.set(key, { count: count + 1, retry: after(simulation.now, wait) });
  if (fault.code === 'ResourceExhausted' && claim.metadata.annotations?.[SELECTED_NODE] !== undefined) {
    const patch = { metadata: { annotations: { [SELECTED_NODE]: null } } };
    client.patch(persistentVolumeClaim, key, patch, failingUnlessGone(context));
  }
  return wait;
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
