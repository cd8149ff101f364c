/** Volumes of drivers that live, or lived, in the tree. Nobody mounts most of them any more, but their fields are still checked. */
import type { Volume } from '../../machinery/api/core-v1.js';
import { invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { inclusiveRangeMessage } from '../../machinery/names.js';
import { checkDnsLabel, isEmpty } from './checks.js';
import { checkDescendingPath } from './paths.js';

const IQN = /iqn\.\d{4}-\d{2}\.([0-9A-Za-z.-]+)(:[^,;*&$|\s]+)$/;
const EUI = /^eui.[0-9A-Za-z]{16}$/;
const NAA = /^naa.[0-9A-Za-z]{32}$/;
const LUN_MAX = 255;
const PARTITION_RANGE = inclusiveRangeMessage(1, LUN_MAX);
const LUN_RANGE = inclusiveRangeMessage(0, LUN_MAX);
const TENANT_LENGTH_MAX = 65;
export const INITIATOR_LENGTH_MAX = 64;
export const INITIATOR_TOO_LONG =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';
const REGISTRY_FORM = 'must be a host:port pair or multiple pairs separated by commas';
const CACHING_MODES = ['None', 'ReadOnly', 'ReadWrite'];
const DISK_KINDS = ['Dedicated', 'Managed', 'Shared'];
const MANAGED_URI = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const BLOB_URI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

/** Fields that must not be empty, by source; the path is upstream's, which is not always the field's name. */
const REQUIRED_FIELDS: Readonly<Partial<Record<keyof Volume, readonly string[]>>> = {
  gitRepo: ['repository'],
  nfs: ['server', 'path'],
  glusterfs: ['endpoints', 'path'],
  cinder: ['volumeID'],
  cephfs: ['monitors'],
  rbd: ['monitors', 'image'],
  flexVolume: ['driver'],
  azureFile: ['secretName', 'shareName'],
  vsphereVolume: ['volumePath'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  azureDisk: ['diskName', 'diskURI'],
  awsElasticBlockStore: ['volumeID'],
};

export function checkLegacySource(report: Report, path: string, volume: Volume, source: keyof Volume): void {
  const at = `${path}.${source}`;
  const fields = REQUIRED_FIELDS[source];
  const values = volume[source] as Readonly<Record<string, unknown>>;
  for (const field of fields ?? []) {
    const value = values[field];
    if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) {
      report(required(`${at}.${field}`));
    }
  }
  const { gitRepo, nfs, iscsi, flocker, cinder, quobyte, fc, flexVolume, azureDisk, storageos } = volume;
  if (source === 'gitRepo') checkDescendingPath(report, `${at}.directory`, gitRepo?.directory ?? '');
  else if (source === 'nfs' && !(nfs?.path ?? '').startsWith('/')) {
    report(invalid(`${at}.path`, nfs?.path ?? '', 'must be an absolute path'));
  } else if (source === 'iscsi' && iscsi !== undefined) checkIscsi(report, path, volume.name, iscsi);
  else if (source === 'flocker' && flocker !== undefined) checkFlocker(report, at, flocker);
  else if (source === 'cinder' && cinder?.secretRef !== undefined && isEmpty(cinder.secretRef.name)) {
    report(required(`${at}.secretRef.name`));
  } else if (source === 'quobyte' && quobyte !== undefined) checkQuobyte(report, at, quobyte);
  else if (source === 'fc' && fc !== undefined) checkFibreChannel(report, at, fc);
  else if (source === 'flexVolume') checkFlexOptions(report, at, flexVolume?.options ?? {});
  else if (source === 'azureDisk' && azureDisk !== undefined) checkAzureDisk(report, at, azureDisk);
  else if (source === 'storageos' && storageos !== undefined) checkStorageOs(report, at, storageos);
  else checkPartition(report, path, volume, source);
}

function checkPartition(report: Report, path: string, volume: Volume, source: keyof Volume): void {
  const { gcePersistentDisk, awsElasticBlockStore } = volume;
  if (source === 'gcePersistentDisk' && isEmpty(gcePersistentDisk?.pdName)) {
    report(required(`${path}.persistentDisk.pdName`));
  }
  const [at, partition] =
    source === 'gcePersistentDisk'
      ? ['persistentDisk', gcePersistentDisk?.partition]
      : [source, source === 'awsElasticBlockStore' ? awsElasticBlockStore?.partition : undefined];
  if (partition !== undefined && (partition < 0 || partition > LUN_MAX)) {
    report(invalid(`${path}.${at}.partition`, partition, PARTITION_RANGE));
  }
}

type Iscsi = NonNullable<Volume['iscsi']>;

function checkIscsi(report: Report, path: string, name: string, iscsi: Iscsi): void {
  const at = `${path}.iscsi`;
  const { targetPortal, initiatorName } = iscsi;
  if (targetPortal === '') report(required(`${at}.targetPortal`));
  const unknownForm = 'must be valid format starting with iqn, eui, or naa';
  checkIscsiTarget(report, at, iscsi, unknownForm);
  checkInitiator(report, at, initiatorName, unknownForm);
  if (initiatorName !== undefined && `${name}:${targetPortal}`.length > INITIATOR_LENGTH_MAX) {
    report(invalid(`${path}.name`, name, INITIATOR_TOO_LONG));
  }
}

/** `unknownForm` is said of a name that starts as none does. */
export function checkIscsiTarget(
  report: Report,
  path: string,
  {
    iqn,
    lun,
    chapAuthDiscovery,
    chapAuthSession,
    secretRef,
  }: Omit<Iscsi, 'secretRef'> & { readonly secretRef?: object },
  unknownForm: string,
): void {
  if (iqn === '') report(required(`${path}.iqn`));
  else for (const fault of initiatorFaults(iqn, unknownForm)) report(invalid(`${path}.iqn`, iqn, fault));
  if (lun < 0 || lun > LUN_MAX) report(invalid(`${path}.lun`, lun, LUN_RANGE));
  if ((chapAuthDiscovery === true || chapAuthSession === true) && secretRef === undefined) {
    report(required(`${path}.secretRef`));
  }
}

export function checkInitiator(report: Report, path: string, name: string | undefined, unknownForm: string): void {
  if (name === undefined) return;
  for (const fault of initiatorFaults(name, unknownForm)) report(invalid(`${path}.initiatorname`, name, fault));
}

function initiatorFaults(name: string, unknownForm: string): readonly string[] {
  const pattern = name.startsWith('iqn')
    ? IQN
    : name.startsWith('eui')
      ? EUI
      : name.startsWith('naa')
        ? NAA
        : undefined;
  if (pattern === undefined) return [unknownForm];
  return pattern.test(name) ? [] : ['must be valid format'];
}

function checkFlocker(report: Report, path: string, flocker: NonNullable<Volume['flocker']>): void {
  const { datasetName, datasetUUID } = flocker;
  if (isEmpty(datasetName) && isEmpty(datasetUUID)) {
    report(required(path, 'one of datasetName and datasetUUID is required'));
  }
  if (!isEmpty(datasetName) && !isEmpty(datasetUUID)) {
    report(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  }
  if (datasetName?.includes('/') === true) {
    report(invalid(`${path}.datasetName`, datasetName, "must not contain '/'"));
  }
}

function checkQuobyte(report: Report, path: string, quobyte: NonNullable<Volume['quobyte']>): void {
  const { registry, tenant = '', volume } = quobyte;
  if (registry === '') report(required(`${path}.registry`, REGISTRY_FORM));
  else if (tenant.length >= TENANT_LENGTH_MAX) {
    report(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  } else {
    for (const pair of registry.split(',')) {
      if (!/^(\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair)) {
        report(invalid(`${path}.registry`, registry, REGISTRY_FORM));
      }
    }
  }
  if (volume === '') report(required(`${path}.volume`));
}

function checkFibreChannel(report: Report, path: string, fc: NonNullable<Volume['fc']>): void {
  const { targetWWNs = [], wwids = [], lun } = fc;
  if (targetWWNs.length === 0 && wwids.length === 0) {
    report(required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
  }
  if (targetWWNs.length === 0) return;
  if (wwids.length > 0) {
    const detail = 'targetWWNs and wwids can not be specified simultaneously';
    report(invalid(`${path}.targetWWNs`, targetWWNs, detail));
  }
  if (lun === undefined) report(required(`${path}.lun`, 'lun is required if targetWWNs is specified'));
  else if (lun < 0 || lun > LUN_MAX) report(invalid(`${path}.lun`, lun, LUN_RANGE));
}

function checkFlexOptions(report: Report, path: string, options: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(options)) {
    const domain = `.${(key.split('/')[0] ?? '').toLowerCase()}`;
    if (!domain.endsWith('.kubernetes.io') && !domain.endsWith('.k8s.io')) continue;
    report(invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
  }
}

function checkAzureDisk(report: Report, path: string, disk: NonNullable<Volume['azureDisk']>): void {
  const { diskURI, cachingMode, kind } = disk;
  if (cachingMode !== undefined && !CACHING_MODES.includes(cachingMode)) {
    report(notSupported(`${path}.cachingMode`, cachingMode, CACHING_MODES));
  }
  if (kind === undefined) return;
  if (!DISK_KINDS.includes(kind)) report(notSupported(`${path}.kind`, kind, DISK_KINDS));
  const [start, form] = kind === 'Managed' ? ['/subscriptions/', MANAGED_URI] : ['https://', BLOB_URI];
  if (!diskURI.startsWith(start)) report(notSupported(`${path}.diskURI`, diskURI, [form]));
}

function checkStorageOs(report: Report, path: string, storage: NonNullable<Volume['storageos']>): void {
  const { volumeName, volumeNamespace, secretRef } = storage;
  if (isEmpty(volumeName)) report(required(`${path}.volumeName`));
  else checkDnsLabel(report, `${path}.volumeName`, volumeName);
  if (!isEmpty(volumeNamespace)) checkDnsLabel(report, `${path}.volumeNamespace`, volumeNamespace);
  if (secretRef !== undefined && isEmpty(secretRef.name)) report(required(`${path}.secretRef.name`));
}
