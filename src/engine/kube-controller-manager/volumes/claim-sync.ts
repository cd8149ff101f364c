import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { persistentVolume } from '../../kinds/persistent-volume.js';
import { pod } from '../../kinds/pod.js';
import { storageClass } from '../../kinds/storage-class.js';
import type { PersistentVolumeClaim } from '../../machinery/api/core-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import { keyOf } from '../../machinery/object.js';
import type { BinderContext } from './binder-state.js';
import { BOUND_BY_CONTROLLER, bind, isCompleted, SELECTED_NODE, setClaimPhase } from './binding.js';
import { bestVolume, classOf, isMeantFor, mismatch } from './volume-match.js';

const PROVISIONER_ANNOTATIONS = [
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/storage-provisioner',
] as const;
export const PROVISIONER = PROVISIONER_ANNOTATIONS[1];
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** Provisioners that were once part of Kubernetes, and who does their work now. */
const MIGRATED: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/azure-file': 'file.csi.azure.com',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/portworx-volume': 'pxd.portworx.com',
  'kubernetes.io/vsphere-volume': 'csi.vsphere.vmware.com',
};

type Context = BinderContext;

export function syncClaim(context: Context, claim: PersistentVolumeClaim): void {
  if (isCompleted(claim)) syncBound(context, claim);
  else if ((claim.spec.volumeName ?? '') === '') findVolume(context, claim);
  else takeNamedVolume(context, claim);
}

/** A binding that was complete is never made anew with another volume: that one's data are lost. */
function syncBound(context: Context, claim: PersistentVolumeClaim): void {
  const { volumeName = '' } = claim.spec;
  const lose = (reason: string, message: string): void => {
    if (claim.status?.phase === 'Lost') return;
    setClaimPhase(context, claim, 'Lost');
    context.recorder.record(claim, 'Warning', reason, message);
  };
  const gone = 'Data on the volume is lost!';
  if (volumeName === '') return lose('ClaimLost', `Bound claim has lost reference to PersistentVolume. ${gone}`);
  const volume = context.client.get(persistentVolume, volumeName);
  if (volume === undefined) return lose('ClaimLost', `Bound claim has lost its PersistentVolume. ${gone}`);
  const { claimRef } = volume.spec;
  if (claimRef === undefined || claimRef.uid === claim.metadata.uid) bind(context, volume, claim);
  else lose('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

function takeNamedVolume(context: Context, claim: PersistentVolumeClaim): void {
  const { client, recorder } = context;
  const volume = client.get(persistentVolume, claim.spec.volumeName ?? '');
  if (volume === undefined) return setClaimPhase(context, claim, 'Pending');
  const name = goQuote(volume.metadata.name);
  if (volume.spec.claimRef === undefined) {
    const fault = mismatch(volume, claim);
    if (fault === undefined) return bind(context, volume, claim);
    recorder.record(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume ${name}: ${fault}`);
  } else if (isMeantFor(volume, claim)) return bind(context, volume, claim);
  else recorder.record(claim, 'Warning', 'FailedBinding', `volume ${name} already bound to a different claim.`);
  if (claim.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined) setClaimPhase(context, claim, 'Pending');
}

function findVolume(context: Context, claim: PersistentVolumeClaim): void {
  const { client, recorder } = context;
  const className = classOf(claim);
  const waits = client.get(storageClass, className)?.volumeBindingMode === 'WaitForFirstConsumer';
  const volume = bestVolume(claim, client.list(persistentVolume), className !== '' && waits);
  if (volume !== undefined) return bind(context, volume, claim);
  if (assignDefaultClass(context, claim)) return;
  const isPlaced = claim.metadata.annotations?.[SELECTED_NODE] !== undefined;
  if (className !== '' && waits && !isPlaced) tellOfWait(context, claim);
  else if (className !== '') return provision(context, claim, className);
  else {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    recorder.record(claim, 'Normal', 'FailedBinding', message);
  }
  setClaimPhase(context, claim, 'Pending');
}

/** A claim that names no class gets the default one as soon as there is one. */
function assignDefaultClass({ client }: Context, claim: PersistentVolumeClaim): boolean {
  if (claim.spec.storageClassName !== undefined || classOf(claim) !== '') return false;
  const defaults = client.list(storageClass).filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true');
  const [newest] = defaults.toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? '') > (b.metadata.creationTimestamp ?? '') ? -1 : 1,
  );
  if (newest === undefined) return false;
  const storageClassName = newest.metadata.name;
  client.patch(persistentVolumeClaim, keyOf(claim), {
    metadata: { uid: claim.metadata.uid },
    spec: { storageClassName },
  });
  return true;
}

function tellOfWait({ client, recorder }: Context, claim: PersistentVolumeClaim): void {
  const users = client
    .list(pod, claim.metadata.namespace)
    .filter(({ spec }) => (spec.nodeName ?? '') === '')
    .filter(({ spec }) => spec.volumes?.some((each) => each.persistentVolumeClaim?.claimName === claim.metadata.name))
    .map(({ metadata }) => metadata.name);
  if (users.length === 0) {
    const message = 'waiting for first consumer to be created before binding';
    recorder.record(claim, 'Normal', 'WaitForFirstConsumer', message);
  } else {
    const message = `waiting for pod${users.length > 1 ? 's' : ''} ${users.join(',')} to be scheduled`;
    recorder.record(claim, 'Normal', 'WaitForPodScheduled', message);
  }
}

/** Leaves the making of a volume to the driver of the claim's class. */
function provision({ client, recorder }: Context, claim: PersistentVolumeClaim, className: string): void {
  const found = client.get(storageClass, className);
  const fail = (message: string): void => recorder.record(claim, 'Warning', 'ProvisioningFailed', message);
  if (found === undefined) return fail(`storageclass.storage.k8s.io ${goQuote(className)} not found`);
  const provisioner = MIGRATED[found.provisioner] ?? found.provisioner;
  if (provisioner.startsWith('kubernetes.io/')) return fail(`no volume plugin matched name: ${provisioner}`);
  const { uid, annotations = {} } = claim.metadata;
  if (PROVISIONER_ANNOTATIONS.some((each) => annotations[each] !== provisioner)) {
    const wanted = Object.fromEntries(PROVISIONER_ANNOTATIONS.map((each) => [each, provisioner]));
    client.patch(persistentVolumeClaim, keyOf(claim), { metadata: { uid, annotations: wanted } });
  }
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  recorder.record(claim, 'Normal', 'ExternalProvisioning', message);
}
