/** Mirrors the rules of storage classes and classes of volume attributes. */
import type { TopologySelectorTerm } from '../../machinery/api/core-v1.js';
import type { StorageClass, VolumeAttributesClass } from '../../machinery/api/storage-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { duplicate, forbidden, invalid, notSupported, required, tooLong } from '../../machinery/field-error.js';
import { byteLength } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { qualifiedNameFaults } from '../../machinery/names.js';
import { checkQualifiedName, reportFaults } from '../pod-spec/checks.js';
import { checkImmutable } from '../shared/immutable.js';

const PARAMETERS_BYTES_MAX = 256 * 1_024;
const PARAMETERS_MAX = 512;
const RECLAIM_POLICIES: readonly string[] = ['Delete', 'Retain'];
const BINDING_MODES: readonly string[] = ['Immediate', 'WaitForFirstConsumer'];

type Parameters = Readonly<Record<string, string>>;

export function validateStorageClass(object: StorageClass, report: Report): void {
  const { provisioner, parameters = {}, reclaimPolicy = '', volumeBindingMode, allowedTopologies = [] } = object;
  checkProvisioner(report, 'provisioner', provisioner);
  checkParameters(report, parameters);
  if (reclaimPolicy !== '' && !RECLAIM_POLICIES.includes(reclaimPolicy)) {
    report(notSupported('reclaimPolicy', reclaimPolicy, RECLAIM_POLICIES));
  }
  if (volumeBindingMode === undefined) report(required('volumeBindingMode'));
  else if (!BINDING_MODES.includes(volumeBindingMode)) {
    report(notSupported('volumeBindingMode', volumeBindingMode, BINDING_MODES));
  }
  // Upstream compares with as many empty terms besides.
  const seen: unknown[] = allowedTopologies.map(() => ({}));
  for (const [index, term] of allowedTopologies.entries()) {
    const path = `allowedTopologies[${index}].matchLabelExpressions`;
    const values = validateTerm(term, path, report);
    for (const each of seen) if (deepEqual(each, values)) report(duplicate(path, ''));
    seen.push(values);
  }
}

export function validateStorageClassUpdate(object: StorageClass, old: StorageClass, report: Report): void {
  if (!deepEqual(object.parameters ?? {}, old.parameters ?? {})) {
    report(forbidden('parameters', 'updates to parameters are forbidden.'));
  }
  if (object.provisioner !== old.provisioner) {
    report(forbidden('provisioner', 'updates to provisioner are forbidden.'));
  }
  if (object.reclaimPolicy !== old.reclaimPolicy) {
    report(forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.'));
  }
  checkImmutable(report, 'volumeBindingMode', [object.volumeBindingMode, old.volumeBindingMode]);
}

export function validateAttributesClass({ driverName, parameters = {} }: VolumeAttributesClass, report: Report): void {
  checkProvisioner(report, 'driverName', driverName);
  const isChecked = checkParameters(report, parameters);
  if (isChecked && Object.keys(parameters).length === 0) {
    report(required('parameters', 'must contain at least one key/value pair'));
  }
}

export function validateAttributesClassUpdate(
  object: VolumeAttributesClass,
  old: VolumeAttributesClass,
  report: Report,
): void {
  if (object.driverName !== old.driverName) {
    report(forbidden('driverName', 'updates to driverName are forbidden.'));
  }
  if (!deepEqual(object.parameters ?? {}, old.parameters ?? {})) {
    report(forbidden('parameters', 'updates to parameters are forbidden.'));
  }
  validateAttributesClass(object, report);
}

function checkProvisioner(report: Report, path: string, name: string): void {
  if (name === '') return report(required(path));
  reportFaults(report, path, name.toLowerCase(), qualifiedNameFaults(name.toLowerCase()));
}

/** Whether there were few enough to look at each. */
function checkParameters(report: Report, parameters: Parameters): boolean {
  const entries = Object.entries(parameters);
  if (entries.length > PARAMETERS_MAX) {
    report(tooLong('parameters', PARAMETERS_MAX));
    return false;
  }
  let bytes = 0;
  for (const [key, value] of entries) {
    if (key === '') report(invalid('parameters', key, 'field can not be empty.'));
    bytes += byteLength(key) + byteLength(value);
  }
  if (bytes > PARAMETERS_BYTES_MAX) report(tooLong('parameters', PARAMETERS_BYTES_MAX));
  return true;
}

/** The values of each key, for comparison. */
function validateTerm(term: TopologySelectorTerm, path: string, report: Report): Record<string, readonly string[]> {
  const values: Record<string, readonly string[]> = {};
  for (const [index, requirement] of (term.matchLabelExpressions ?? []).entries()) {
    const at = `${path}[${index}]`;
    const list = requirement.values ?? [];
    if (list.length === 0) report(required(`${at}.values`));
    for (const [place, value] of list.entries()) {
      if (list.indexOf(value) < place) report(duplicate(`${at}.values[${place}]`, value));
    }
    checkQualifiedName(report, `${at}.key`, requirement.key);
    if (Object.hasOwn(values, requirement.key)) report(duplicate(`${at}.key`, requirement.key));
    values[requirement.key] = [...new Set(list)].toSorted();
  }
  return values;
}
