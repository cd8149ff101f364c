import type { PodSpec, Volume } from '../../machinery/api/core-v1.js';
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from '../../machinery/field-error.js';
import { byteLength, goQuote } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123SubdomainFaults } from '../../machinery/names.js';
import { compareQuantity, quantityOf } from '../../machinery/quantity.js';
import { checkChoice, checkDnsLabel, isEmpty, reportFaults } from './checks.js';
import { checkClaimTemplate } from './claim-template-rules.js';
import { PULL_POLICIES } from './container-rules.js';
import { checkLegacySource } from './legacy-volume-rules.js';
import { checkNoBacksteps } from './paths.js';
import { checkFileMode, checkKeyPaths, checkProjected, checkVolumeFile } from './projected-volume-rules.js';
import { quantityFrom } from './resource-lists.js';

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];
const CSI_DRIVER_BYTES_MAX = 63;
const ZERO = quantityOf(0);
const NO_VOLUMES: ReadonlyMap<string, Volume> = new Map();

interface VolumeScope {
  readonly report: Report;
  readonly isPod: boolean;
  readonly podName: string | undefined;
}

/** Sources in the order in which upstream looks for them; a second one is refused under the name given here. */
const SOURCES: readonly (readonly [source: Exclude<keyof Volume, 'name'>, refusedAs: string])[] = [
  ['emptyDir', 'emptyDir'],
  ['hostPath', 'hostPath'],
  ['gitRepo', 'gitRepo'],
  ['gcePersistentDisk', 'gcePersistentDisk'],
  ['awsElasticBlockStore', 'awsElasticBlockStore'],
  ['secret', 'secret'],
  ['nfs', 'nfs'],
  ['iscsi', 'iscsi'],
  ['glusterfs', 'glusterfs'],
  ['flocker', 'flocker'],
  ['persistentVolumeClaim', 'persistentVolumeClaim'],
  ['rbd', 'rbd'],
  ['cinder', 'cinder'],
  ['cephfs', 'cephFS'],
  ['quobyte', 'quobyte'],
  ['downwardAPI', 'downwarAPI'],
  ['fc', 'fc'],
  ['flexVolume', 'flexVolume'],
  ['configMap', 'configMap'],
  ['azureFile', 'azureFile'],
  ['vsphereVolume', 'vsphereVolume'],
  ['photonPersistentDisk', 'photonPersistentDisk'],
  ['portworxVolume', 'portworxVolume'],
  ['azureDisk', 'azureDisk'],
  ['storageos', 'storageos'],
  ['projected', 'projected'],
  ['scaleIO', 'scaleIO'],
  ['csi', 'csi'],
  ['ephemeral', 'ephemeral'],
  ['image', 'image'],
];

/** The volumes without a fault, by name. */
export function checkVolumes(scope: VolumeScope, path: string, { volumes }: PodSpec): ReadonlyMap<string, Volume> {
  if (volumes === undefined || volumes.length === 0) return NO_VOLUMES;
  const created = new Set<string>();
  for (const { name, ephemeral } of volumes) {
    if (ephemeral !== undefined && !isEmpty(scope.podName)) created.add(`${scope.podName}-${name}`);
  }
  const sound = new Map<string, Volume>();
  for (const [index, volume] of volumes.entries()) {
    const at = `${path}[${index}]`;
    let faults = 0;
    const report: Report = (error) => {
      faults++;
      scope.report(error);
    };
    checkSources({ ...scope, report }, at, volume);
    if (isEmpty(volume.name)) report(required(`${at}.name`));
    else checkDnsLabel(report, `${at}.name`, volume.name);
    if (sound.has(volume.name)) report(duplicate(`${at}.name`, volume.name));
    if (faults === 0) sound.set(volume.name, volume);
    const claimName = volume.persistentVolumeClaim?.claimName;
    if (claimName !== undefined && created.has(claimName)) {
      const detail = 'must not reference a PVC that gets created for an ephemeral volume';
      scope.report(invalid(`${at}.persistentVolumeClaim.claimName`, claimName, detail));
    }
  }
  return sound;
}

function checkSources(scope: VolumeScope, path: string, volume: Volume): void {
  const only = onlySource(volume);
  if (only !== undefined) return checkSource(scope, path, volume, only);
  let isTaken = false;
  for (const [source, refusedAs] of SOURCES) {
    if (volume[source] === undefined) continue;
    if (isTaken) scope.report(forbidden(`${path}.${refusedAs}`, 'may not specify more than 1 volume type'));
    else checkSource(scope, path, volume, source);
    isTaken = true;
  }
  if (!isTaken) scope.report(required(path, 'must specify a volume type'));
}

function onlySource(volume: Volume): keyof Volume | undefined {
  let only: string | undefined;
  for (const key in volume) {
    if (key === 'name') continue;
    if (only !== undefined) return undefined;
    only = key;
  }
  return only as keyof Volume | undefined;
}

function checkSource(scope: VolumeScope, path: string, volume: Volume, source: keyof Volume): void {
  const { report } = scope;
  const at = `${path}.${source}`;
  const { emptyDir, hostPath, secret, configMap, persistentVolumeClaim, downwardAPI, projected, csi, image } = volume;
  if (source === 'emptyDir' && emptyDir?.sizeLimit !== undefined) {
    if (compareQuantity(quantityFrom(emptyDir.sizeLimit), ZERO) < 0) {
      report(forbidden(`${at}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
    }
  } else if (source === 'hostPath' && hostPath !== undefined) checkHostPath(report, at, hostPath);
  else if (source === 'secret' && secret !== undefined) {
    if (isEmpty(secret.secretName)) report(required(`${at}.secretName`));
    checkFileMode(report, `${at}.defaultMode`, secret.defaultMode);
    checkKeyPaths(report, `${at}.items`, secret.items);
  } else if (source === 'configMap' && configMap !== undefined) {
    if (isEmpty(configMap.name)) report(required(`${at}.name`));
    checkFileMode(report, `${at}.defaultMode`, configMap.defaultMode);
    checkKeyPaths(report, `${at}.items`, configMap.items);
  } else if (source === 'persistentVolumeClaim') {
    if (isEmpty(persistentVolumeClaim?.claimName)) report(required(`${at}.claimName`));
  } else if (source === 'downwardAPI' && downwardAPI !== undefined) {
    checkFileMode(report, `${at}.defaultMode`, downwardAPI.defaultMode);
    for (const file of downwardAPI.items ?? []) checkVolumeFile(report, at, file);
  } else if (source === 'projected' && projected !== undefined) checkProjected(report, at, projected);
  else if (source === 'csi' && csi !== undefined) checkCsi(report, at, csi);
  else if (source === 'ephemeral') checkEphemeral(scope, path, volume);
  else if (source === 'image' && image !== undefined) {
    if (scope.isPod && isEmpty(image.reference)) report(required(`${at}.reference`));
    checkChoice(report, `${at}.pullPolicy`, image.pullPolicy, PULL_POLICIES);
  } else checkLegacySource(report, path, volume, source);
}

function checkHostPath(report: Report, at: string, { path, type }: NonNullable<Volume['hostPath']>): void {
  if (isEmpty(path)) return report(required(`${at}.path`));
  checkNoBacksteps(report, `${at}.path`, path);
  if (type !== undefined && !HOST_PATH_TYPES.includes(type)) report(notSupported(`${at}.type`, type, HOST_PATH_TYPES));
}

function checkCsi(report: Report, path: string, { driver, nodePublishSecretRef }: NonNullable<Volume['csi']>): void {
  checkCsiDriverName(report, `${path}.driver`, driver);
  if (nodePublishSecretRef === undefined) return;
  const { name } = nodePublishSecretRef;
  if (isEmpty(name)) report(required(`${path}.nodePublishSecretRef.name`));
  else reportFaults(report, `${path}.name`, name, dns1123SubdomainFaults(name));
}

function checkCsiDriverName(report: Report, path: string, name: string): void {
  if (name === '') return report(required(path));
  if (byteLength(name) > CSI_DRIVER_BYTES_MAX) report(tooLong(path, CSI_DRIVER_BYTES_MAX));
  reportFaults(report, path, name, dns1123SubdomainFaults(name.toLowerCase()));
}

function checkEphemeral({ report, podName }: VolumeScope, path: string, { name, ephemeral }: Volume): void {
  const template = ephemeral?.volumeClaimTemplate;
  if (template === undefined) report(required(`${path}.ephemeral.volumeClaimTemplate`));
  else checkClaimTemplate(report, `${path}.ephemeral.volumeClaimTemplate`, template);
  if (isEmpty(podName) || name === '') return;
  const claimName = `${podName}-${name}`;
  for (const fault of dns1123SubdomainFaults(claimName)) {
    report(invalid(`${path}.name`, name, `PVC name ${goQuote(claimName)}: ${fault}`));
  }
}
