/** Mirrors `ValidatePersistentVolume`. */
import type { PersistentVolume, PersistentVolumeSpec } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import { goJson } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123SubdomainFaults } from '../../machinery/names.js';
import { checkNodeSelectorTerm } from '../pod-spec/affinity-rules.js';
import { reportFaults } from '../pod-spec/checks.js';
import { internalDiff } from '../pod-spec/internal-diff.js';
import { isPositive } from '../pod-spec/resource-lists.js';
import { checkImmutable } from '../shared/immutable.js';
import { checkVolumeSources, VOLUME_SOURCES } from './volume-sources.js';

const ACCESS_MODES: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const RECLAIM_POLICIES: readonly string[] = ['Delete', 'Recycle', 'Retain'];
const VOLUME_MODES: readonly string[] = ['Block', 'Filesystem'];
const SOURCE_TYPE = 'PersistentVolumeSource';
export function validateVolume({ metadata, spec }: PersistentVolume, report: Report): void {
  const path = 'spec';
  validateModes(path, spec, report);
  validateCapacity(spec, report);
  const { persistentVolumeReclaimPolicy: policy = '', volumeMode, storageClassName = '' } = spec;
  if (policy !== '' && !RECLAIM_POLICIES.includes(policy)) {
    report(notSupported('spec.persistentVolumeReclaimPolicy', policy, RECLAIM_POLICIES));
  }
  validateAffinity(spec, report);
  checkVolumeSources(report, path, spec, metadata.name ?? '');
  checkRecycling(path, spec, report);
  if (storageClassName !== '') {
    reportFaults(report, 'spec.storageClassName', storageClassName, dns1123SubdomainFaults(storageClassName));
  }
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    report(notSupported('spec.volumeMode', volumeMode, VOLUME_MODES));
  }
  validateAttributesClass(spec, report);
}

/** The volume that an attachment carries in itself: it is nobody's claim, and of a CSI driver. */
export function validateInlineVolume(path: string, spec: PersistentVolumeSpec, report: Report): void {
  const { claimRef, capacity = {}, csi, nodeAffinity, storageClassName = '', volumeMode } = spec;
  const forbid = (field: string, detail = 'may not be specified'): void =>
    report(forbidden(`${path}.${field}`, `${detail} in the context of inline volumes`));
  if (claimRef !== undefined) forbid('claimRef');
  if (Object.keys(capacity).length > 0) forbid('capacity');
  if (csi === undefined) report(required(`${path}.csi`, 'has to be specified in the context of inline volumes'));
  validateModes(path, spec, report);
  const { persistentVolumeReclaimPolicy: policy = '' } = spec;
  if (policy !== '' && policy !== 'Retain') forbid('persistentVolumeReclaimPolicy', 'may only be Retain');
  if (nodeAffinity !== undefined) forbid('nodeAffinity');
  checkVolumeSources(report, path, spec, '');
  checkRecycling(path, spec, report);
  if (storageClassName !== '') forbid('storageClassName');
  if (volumeMode !== undefined && volumeMode !== 'Filesystem') {
    forbid('volumeMode', 'may not specify volumeMode other than Filesystem');
  }
}

function checkRecycling(
  path: string,
  { hostPath, persistentVolumeReclaimPolicy: policy }: PersistentVolumeSpec,
  report: Report,
): void {
  if (hostPath?.path.replace(/\/+/g, '/') !== '/' || policy !== 'Recycle') return;
  report(forbidden(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'"));
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
  Object.fromEntries(
    VOLUME_SOURCES.filter((source) => spec[source] !== undefined).map((source) => [source, spec[source]]),
  );

/** The secret for growing a volume may be added later. */
function withoutExpandSecret({ spec }: PersistentVolume, old: PersistentVolume): PersistentVolumeSpec {
  if (spec.csi?.controllerExpandSecretRef === undefined || old.spec.csi === undefined) return spec;
  if (old.spec.csi.controllerExpandSecretRef !== undefined) return spec;
  const { controllerExpandSecretRef: _added, ...csi } = spec.csi;
  return { ...spec, csi };
}

function validateModes(spec: string, { accessModes = [] }: PersistentVolumeSpec, report: Report): void {
  const path = `${spec}.accessModes`;
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

function validateAttributesClass({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec, report: Report): void {
  if (name === undefined) return;
  const path = 'spec.volumeAttributesClassName';
  if (name === '') report(required(path, 'an empty string is disallowed'));
  else reportFaults(report, path, name, dns1123SubdomainFaults(name));
  if (csi === undefined) {
    report(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
  }
}
