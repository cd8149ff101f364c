/** What a persistent volume is made of. Mirrors the rules that `ValidatePersistentVolumeSpec` has for each source. */
import type { PersistentVolumeSpec, SecretReference } from '../../machinery/api/core-v1.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { checkDnsLabel, checkDnsSubdomain } from '../pod-spec/checks.js';
import {
  checkInitiator,
  checkIscsiTarget,
  checkLegacySource,
  INITIATOR_LENGTH_MAX,
  INITIATOR_TOO_LONG,
} from '../pod-spec/legacy-volume-rules.js';
import { checkNoBacksteps } from '../pod-spec/paths.js';
import { checkDriverName } from './driver-name.js';

const HOST_PATH_TYPES: readonly string[] = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];
/** In upstream's order: the first that is set is checked, any other is one too many. */
export const VOLUME_SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const satisfies readonly (keyof PersistentVolumeSpec)[];
type VolumeSource = (typeof VOLUME_SOURCES)[number];

/** `name` is the volume's own; a flex volume is never one too many. */
export function checkVolumeSources(report: Report, path: string, spec: PersistentVolumeSpec, name: string): void {
  const given = VOLUME_SOURCES.filter((source) => spec[source] !== undefined);
  if (given.length === 0) return report(required(path, 'must specify a volume type'));
  for (const [place, source] of given.entries()) {
    if (place === 0 || source === 'flexVolume') checkSource(report, path, { ...spec, name }, source);
    else {
      const field = source === 'cephfs' ? 'cephFS' : source;
      report(forbidden(`${path}.${field}`, 'may not specify more than 1 volume type'));
    }
  }
}

type NamedSpec = PersistentVolumeSpec & { readonly name: string };

function checkSource(report: Report, path: string, spec: NamedSpec, source: VolumeSource): void {
  switch (source) {
    case 'hostPath':
      return checkHostPath(report, `${path}.hostPath`, spec.hostPath);
    case 'local':
      return checkLocal(report, path, spec);
    case 'csi':
      return checkCsi(report, `${path}.csi`, spec.csi);
    case 'iscsi':
      return checkIscsi(report, `${path}.iscsi`, spec);
    default:
      checkLegacySource(report, path, spec, source);
      checkNamespaces(report, path, spec, source);
  }
}

/** What a volume of the cluster needs to say besides what a pod's volume says: it has no namespace of its own. */
function checkNamespaces(report: Report, path: string, spec: NamedSpec, source: VolumeSource): void {
  if (source === 'glusterfs') checkEndpointsNamespace(report, `${path}.glusterfs.endpointsNamespace`, spec.glusterfs);
  if (source === 'azureFile' && spec.azureFile?.secretNamespace === '') {
    report(required(`${path}.azureFile.secretNamespace`));
  }
  const reference =
    source === 'cinder' ? spec.cinder?.secretRef : source === 'storageos' ? spec.storageos?.secretRef : undefined;
  if (reference !== undefined && (reference.namespace ?? '') === '') {
    report(required(`${path}.${source}.secretRef.namespace`));
  }
}

function checkEndpointsNamespace(report: Report, path: string, glusterfs: PersistentVolumeSpec['glusterfs']): void {
  const namespace = glusterfs?.endpointsNamespace;
  if (namespace === '') {
    report(invalid(path, namespace, 'if the endpointnamespace is set, it must be a valid namespace name'));
  } else if (namespace !== undefined) checkDnsLabel(report, path, namespace);
}

function checkHostPath(report: Report, path: string, hostPath: PersistentVolumeSpec['hostPath']): void {
  if (hostPath === undefined) return;
  if (hostPath.path === '') return report(required(`${path}.path`));
  checkNoBacksteps(report, `${path}.path`, hostPath.path);
  if (hostPath.type !== undefined && !HOST_PATH_TYPES.includes(hostPath.type)) {
    report(notSupported(`${path}.type`, hostPath.type, HOST_PATH_TYPES));
  }
}

function checkLocal(report: Report, path: string, { local, nodeAffinity }: PersistentVolumeSpec): void {
  if (local === undefined) return;
  if (local.path === '') report(required(`${path}.local.path`));
  else checkNoBacksteps(report, `${path}.local.path`, local.path);
  if (nodeAffinity === undefined) report(required(`${path}.nodeAffinity`, 'Local volume requires node affinity'));
}

function checkIscsi(report: Report, path: string, { name, iscsi }: NamedSpec): void {
  if (iscsi === undefined) return;
  const { targetPortal, initiatorName, secretRef } = iscsi;
  if (targetPortal === '') report(required(`${path}.targetPortal`));
  const isTooLong = initiatorName !== undefined && `${name}:${targetPortal}`.length > INITIATOR_LENGTH_MAX;
  if (isTooLong) report(invalid(`${path}.targetportal`, targetPortal, INITIATOR_TOO_LONG));
  checkIscsiTarget(report, path, iscsi, 'must be valid format');
  if (secretRef !== undefined && (secretRef.name ?? '') === '') report(required(`${path}.secretRef.name`));
  checkInitiator(report, path, initiatorName, 'must be valid format');
}

function checkCsi(report: Report, path: string, csi: PersistentVolumeSpec['csi']): void {
  if (csi === undefined) return;
  checkDriverName(report, `${path}.driver`, csi.driver);
  if (csi.volumeHandle === '') report(required(`${path}.volumeHandle`));
  checkSecret(report, `${path}.controllerPublishSecretRef`, csi.controllerPublishSecretRef);
  checkSecret(report, `${path}.controllerExpandSecretRef`, csi.controllerExpandSecretRef);
  checkSecret(report, `${path}.nodePublishSecretRef`, csi.nodePublishSecretRef);
  checkSecret(report, `${path}.nodeExpandSecretRef`, csi.nodeExpandSecretRef);
}

function checkSecret(report: Report, path: string, reference: SecretReference | undefined): void {
  if (reference === undefined) return;
  const { name = '', namespace = '' } = reference;
  if (name === '') report(required(`${path}.name`));
  else checkDnsSubdomain(report, `${path}.name`, name);
  if (namespace === '') report(required(`${path}.namespace`));
  else checkDnsLabel(report, `${path}.namespace`, namespace);
}
