import type { PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate } from '../../machinery/api/core-v1.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123LabelFaults, dns1123SubdomainFaults } from '../../machinery/names.js';
import { checkAnnotations, checkLabels, checkLabelSelector, isEmpty, reportFaults } from './checks.js';
import { isPositive } from './resource-lists.js';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES = ['Block', 'Filesystem'];
const TEMPLATE_METADATA: readonly string[] = ['annotations', 'labels'];

export function checkClaimTemplate(report: Report, path: string, template: PersistentVolumeClaimTemplate): void {
  const { metadata, spec } = template;
  checkTemplateMetadata(report, `${path}.metadata`, metadata);
  checkClaimSpec(report, `${path}.spec`, spec);
}

/** What is made of a template gets its name elsewhere. */
export function checkTemplateMetadata(report: Report, path: string, metadata: Partial<ObjectMeta> | undefined): void {
  checkAnnotations(report, `${path}.annotations`, metadata?.annotations);
  checkLabels(report, `${path}.labels`, metadata?.labels);
  for (const [name, value] of Object.entries(metadata ?? {})) {
    if (TEMPLATE_METADATA.includes(name) || value === null || value === '') continue;
    // Upstream makes the path of the Go field's name.
    report(forbidden(`${path}.${name === 'uid' ? 'uID' : name}`, 'cannot be set'));
  }
}

/** The rules of a claim's spec wherever one stands: in a claim, in a pod, in a stateful set. */
export function checkClaimSpec(report: Report, path: string, spec: PersistentVolumeClaimSpec): void {
  const { accessModes = [], selector, resources, storageClassName, volumeMode, volumeAttributesClassName } = spec;
  if (accessModes.length === 0) report(required(`${path}.accessModes`, 'at least 1 access mode is required'));
  checkLabelSelector(report, `${path}.selector`, selector);
  for (const mode of accessModes) {
    if (!ACCESS_MODES.includes(mode)) report(notSupported(`${path}.accessModes`, mode, ACCESS_MODES));
  }
  const known = accessModes.filter((mode) => ACCESS_MODES.includes(mode));
  if (known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')) {
    report(forbidden(`${path}.accessModes`, 'may not use ReadWriteOncePod with other access modes'));
  }
  const storage = resources?.requests?.['storage'];
  if (storage === undefined) report(required(`${path}.resources[storage]`));
  else if (!isPositive(storage)) report(invalid(`${path}.resources[storage]`, storage, 'must be greater than zero'));
  checkClass(report, `${path}.storageClassName`, storageClassName);
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    report(notSupported(`${path}.volumeMode`, volumeMode, VOLUME_MODES));
  }
  checkSources(report, path, spec);
  checkClass(report, `${path}.volumeAttributesClassName`, volumeAttributesClassName);
}

function checkClass(report: Report, path: string, name: string | undefined): void {
  if (!isEmpty(name)) reportFaults(report, path, name, dns1123SubdomainFaults(name));
}

interface SourceReference {
  readonly apiGroup?: string | null;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

function checkSources(report: Report, path: string, { dataSource, dataSourceRef }: PersistentVolumeClaimSpec): void {
  if (dataSource !== undefined) checkSource(report, `${path}.dataSource`, dataSource);
  if (dataSourceRef !== undefined) checkSource(report, `${path}.dataSourceRef`, dataSourceRef);
  if (dataSource === undefined || dataSourceRef === undefined) return;
  const isSame =
    (dataSource.apiGroup ?? '') === (dataSourceRef.apiGroup ?? '') &&
    dataSource.kind === dataSourceRef.kind &&
    dataSource.name === dataSourceRef.name;
  if (!isEmpty(dataSourceRef.namespace)) {
    report(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'));
  } else if (!isSame) report(invalid(path, {}, 'must match dataSourceRef'));
}

function checkSource(report: Report, path: string, { apiGroup, kind, name, namespace }: SourceReference): void {
  if (name === '') report(required(`${path}.name`));
  if (kind === '') report(required(`${path}.kind`));
  if (isEmpty(apiGroup ?? undefined)) {
    if (kind !== 'PersistentVolumeClaim') {
      report(invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
    }
  } else reportFaults(report, `${path}.apiGroup`, apiGroup, dns1123SubdomainFaults(apiGroup ?? ''));
  if (!isEmpty(namespace)) reportFaults(report, `${path}.namespace`, namespace, dns1123LabelFaults(namespace));
}
