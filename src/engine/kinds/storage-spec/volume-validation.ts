/** Mirrors `ValidatePersistentVolume`. Left out: the fields of drivers that have left the tree. */
import type { PersistentVolume, PersistentVolumeSpec, SecretReference } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import { goJson } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123SubdomainFaults } from '../../machinery/names.js';
import { checkNodeSelectorTerm } from '../pod-spec/affinity-rules.js';
import { checkDnsLabel, checkDnsSubdomain, reportFaults } from '../pod-spec/checks.js';
import { internalDiff } from '../pod-spec/internal-diff.js';
import { checkNoBacksteps } from '../pod-spec/paths.js';
import { isPositive } from '../pod-spec/resource-lists.js';
import { checkImmutable } from '../shared/immutable.js';
import { checkDriverName } from './driver-name.js';

const ACCESS_MODES: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const RECLAIM_POLICIES: readonly string[] = ['Delete', 'Recycle', 'Retain'];
const VOLUME_MODES: readonly string[] = ['Block', 'Filesystem'];
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
const SOURCE_TYPE = 'PersistentVolumeSource';
/** In upstream's order: the first that is set is checked, any other is one too many. */
const SOURCES = [
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

export function validateVolume({ spec }: PersistentVolume, report: Report): void {
  validateModes(spec, report);
  validateCapacity(spec, report);
  const { persistentVolumeReclaimPolicy: policy = '', volumeMode, storageClassName = '' } = spec;
  if (policy !== '' && !RECLAIM_POLICIES.includes(policy)) {
    report(notSupported('spec.persistentVolumeReclaimPolicy', policy, RECLAIM_POLICIES));
  }
  validateAffinity(spec, report);
  validateSources(spec, report);
  if (spec.hostPath?.path.replace(/\/+/g, '/') === '/' && policy === 'Recycle') {
    report(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"));
  }
  if (storageClassName !== '') {
    reportFaults(report, 'spec.storageClassName', storageClassName, dns1123SubdomainFaults(storageClassName));
  }
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    report(notSupported('spec.volumeMode', volumeMode, VOLUME_MODES));
  }
  validateAttributesClass(spec, report);
}

export function validateVolumeUpdate(volume: PersistentVolume, old: PersistentVolume, report: Report): void {
  validateVolume(volume, report);
  validateVolume(volume, report);
  const source = sourceOf(withoutExpandSecret(volume, old));
  const oldSource = sourceOf(old.spec);
  if (!deepEqual(source, oldSource)) {
    const detail = `spec.persistentvolumesource is immutable after creation\n${internalDiff(SOURCE_TYPE, oldSource, source)}`;
    report(forbidden('spec.persistentvolumesource', detail));
  }
  checkImmutable(report, 'volumeMode', [volume.spec.volumeMode, old.spec.volumeMode]);
  if (old.spec.nodeAffinity !== undefined && !deepEqual(volume.spec.nodeAffinity, old.spec.nodeAffinity)) {
    const detail = 'field is immutable, except for updating from beta label to GA';
    report(invalid('nodeAffinity', volume.spec.nodeAffinity, detail));
  }
  if (old.spec.volumeAttributesClassName !== undefined && volume.spec.volumeAttributesClassName === undefined) {
    report(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
  }
}

const sourceOf = (spec: PersistentVolumeSpec): Partial<PersistentVolumeSpec> =>
  Object.fromEntries(SOURCES.filter((source) => spec[source] !== undefined).map((source) => [source, spec[source]]));

/** The secret for growing a volume may be added later. */
function withoutExpandSecret({ spec }: PersistentVolume, old: PersistentVolume): PersistentVolumeSpec {
  if (spec.csi?.controllerExpandSecretRef === undefined || old.spec.csi === undefined) return spec;
  if (old.spec.csi.controllerExpandSecretRef !== undefined) return spec;
  const { controllerExpandSecretRef: _added, ...csi } = spec.csi;
  return { ...spec, csi };
}

function validateModes({ accessModes = [] }: PersistentVolumeSpec, report: Report): void {
  const path = 'spec.accessModes';
  if (accessModes.length === 0) report(required(path));
  for (const mode of accessModes) if (!ACCESS_MODES.includes(mode)) report(notSupported(path, mode, ACCESS_MODES));
  const known = accessModes.filter((mode) => ACCESS_MODES.includes(mode));
  if (known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')) {
    report(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
  }
}

function validateCapacity({ capacity = {} }: PersistentVolumeSpec, report: Report): void {
  const names = Object.keys(capacity).toSorted();
  if (names.length === 0) report(required('spec.capacity'));
  if (capacity['storage'] === undefined || names.length > 1) {
    const printed = names.length === 0 ? null : capacity;
    report(notSupported('spec.capacity', JSON.parse(goJson(printed)), ['storage']));
  }
  for (const name of names) {
    const text = capacity[name] ?? '0';
    const path = `spec.capacity[${name}]`;
    if (text.startsWith('-')) report(invalid(path, Number.parseInt(text, 10), 'must be a valid resource quantity'));
    if (!isPositive(text)) report(invalid(path, text, 'must be greater than zero'));
  }
}

function validateAffinity({ nodeAffinity }: PersistentVolumeSpec, report: Report): void {
  if (nodeAffinity === undefined) return;
  const path = 'spec.nodeAffinity.required';
  if (nodeAffinity.required === undefined) return report(required(path, 'must specify required node constraints'));
  const terms = nodeAffinity.required.nodeSelectorTerms ?? [];
  if (terms.length === 0) {
    return report(required(`${path}.nodeSelectorTerms`, 'must have at least one node selector term'));
  }
  for (const [index, term] of terms.entries()) {
    checkNodeSelectorTerm(report, `${path}.nodeSelectorTerms[${index}]`, term, false);
  }
}

function validateSources(spec: PersistentVolumeSpec, report: Report): void {
  const [first, ...more] = SOURCES.filter((source) => spec[source] !== undefined);
  if (first === undefined) return report(required('spec', 'must specify a volume type'));
  if (first === 'hostPath') validateHostPath(spec, report);
  if (first === 'nfs') validateNfs(spec, report);
  if (first === 'local') validateLocal(spec, report);
  if (first === 'csi') validateCsi(spec, report);
  for (const source of more) {
    const name = source === 'cephfs' ? 'cephFS' : source;
    report(forbidden(`spec.${name}`, 'may not specify more than 1 volume type'));
  }
}

function validateHostPath({ hostPath }: PersistentVolumeSpec, report: Report): void {
  if (hostPath === undefined) return;
  if (hostPath.path === '') return report(required('spec.hostPath.path'));
  checkNoBacksteps(report, 'spec.hostPath.path', hostPath.path);
  if (hostPath.type !== undefined && !HOST_PATH_TYPES.includes(hostPath.type)) {
    report(notSupported('spec.hostPath.type', hostPath.type, HOST_PATH_TYPES));
  }
}

function validateNfs({ nfs }: PersistentVolumeSpec, report: Report): void {
  if (nfs === undefined) return;
  if (nfs.server === '') report(required('spec.nfs.server'));
  if (nfs.path === '') report(required('spec.nfs.path'));
  if (!nfs.path.startsWith('/')) report(invalid('spec.nfs.path', nfs.path, 'must be an absolute path'));
}

function validateLocal({ local, nodeAffinity }: PersistentVolumeSpec, report: Report): void {
  if (local === undefined) return;
  if (local.path === '') report(required('spec.local.path'));
  else checkNoBacksteps(report, 'spec.local.path', local.path);
  if (nodeAffinity === undefined) report(required('spec.nodeAffinity', 'Local volume requires node affinity'));
}

function validateCsi({ csi }: PersistentVolumeSpec, report: Report): void {
  if (csi === undefined) return;
  checkDriverName(report, 'spec.csi.driver', csi.driver);
  if (csi.volumeHandle === '') report(required('spec.csi.volumeHandle'));
  checkSecret(report, 'spec.csi.controllerPublishSecretRef', csi.controllerPublishSecretRef);
  checkSecret(report, 'spec.csi.controllerExpandSecretRef', csi.controllerExpandSecretRef);
  checkSecret(report, 'spec.csi.nodePublishSecretRef', csi.nodePublishSecretRef);
  checkSecret(report, 'spec.csi.nodeExpandSecretRef', csi.nodeExpandSecretRef);
}

function checkSecret(report: Report, path: string, reference: SecretReference | undefined): void {
  if (reference === undefined) return;
  const { name = '', namespace = '' } = reference;
  if (name === '') report(required(`${path}.name`));
  else checkDnsSubdomain(report, `${path}.name`, name);
  if (namespace === '') report(required(`${path}.namespace`));
  else checkDnsLabel(report, `${path}.namespace`, namespace);
}

function validateAttributesClass({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec, report: Report): void {
  if (name === undefined) return;
  const path = 'spec.volumeAttributesClassName';
  if (name === '') report(required(path, 'an empty string is disallowed'));
  else reportFaults(report, path, name, dns1123SubdomainFaults(name));
  if (csi === undefined) {
    report(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
  }
}
