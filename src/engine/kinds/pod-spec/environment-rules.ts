import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
} from '../../machinery/api/core-v1.js';
import { invalid, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { configMapKeyFaults, dns1123SubdomainFaults, maskTrailingDash } from '../../machinery/names.js';
import { checkDnsLabel, isEmpty, reportFaults } from './checks.js';
import { checkFieldRef, checkResourceFieldRef, ENVIRONMENT_FIELDS } from './field-references.js';
import { checkNoBacksteps } from './paths.js';

const PRINTABLE_NAME = /^[ -<>-~]*$/;
const NAME_FAULT: readonly string[] = [
  "a valid environment variable name must consist only of printable ASCII characters other than '='",
];
const VALID: readonly string[] = [];

const nameFaults = (name: string): readonly string[] => (PRINTABLE_NAME.test(name) ? VALID : NAME_FAULT);

export function checkEnvironment(report: Report, path: string, variables: readonly EnvVar[]): void {
  for (const [index, { name, value, valueFrom }] of variables.entries()) {
    const at = `${path}[${index}]`;
    if (isEmpty(name)) report(required(`${at}.name`));
    else reportFaults(report, `${at}.name`, name, nameFaults(name));
    if (valueFrom !== undefined) checkSource(report, `${at}.valueFrom`, valueFrom, !isEmpty(value));
  }
}

export function checkEnvironmentSources(report: Report, path: string, sources: readonly EnvFromSource[]): void {
  for (const [index, { prefix, configMapRef, secretRef }] of sources.entries()) {
    const at = `${path}[${index}]`;
    if (!isEmpty(prefix)) reportFaults(report, `${at}.prefix`, prefix, nameFaults(prefix));
    if (configMapRef !== undefined) checkSourceName(report, `${at}.configMapRef.name`, configMapRef.name);
    if (secretRef !== undefined) checkSourceName(report, `${at}.secretRef.name`, secretRef.name);
    if (configMapRef === undefined && secretRef === undefined) {
      report(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (configMapRef !== undefined && secretRef !== undefined) {
      report(invalid(path, '', 'may not have more than one field specified at a time'));
    }
  }
}

function checkSourceName(report: Report, path: string, name: string | undefined): void {
  if (isEmpty(name)) report(required(path));
  else reportFaults(report, path, name, dns1123SubdomainFaults(maskTrailingDash(name)));
}

function checkSource(report: Report, path: string, source: EnvVarSource, hasValue: boolean): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  let sources = 0;
  if (fieldRef !== undefined) {
    sources++;
    checkFieldRef(report, `${path}.fieldRef`, fieldRef, ENVIRONMENT_FIELDS);
  }
  if (resourceFieldRef !== undefined) {
    sources++;
    checkResourceFieldRef(report, `${path}.resourceFieldRef`, resourceFieldRef, false);
  }
  if (configMapKeyRef !== undefined) {
    sources++;
    checkKey(report, `${path}.configMapKeyRef`, configMapKeyRef);
  }
  if (secretKeyRef !== undefined) {
    sources++;
    checkKey(report, `${path}.secretKeyRef`, secretKeyRef);
  }
  if (fileKeyRef !== undefined) {
    sources++;
    checkFileKey(report, `${path}.fileKeyRef`, fileKeyRef);
  }
  if (sources === 0) {
    const names = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    report(invalid(path, '', `must specify one of: ${names}`));
  } else if (hasValue) report(invalid(path, '', 'may not be specified when `value` is not empty'));
  else if (sources > 1) report(invalid(path, '', 'may not have more than one field specified at a time'));
}

function checkKey(report: Report, path: string, { name = '', key }: ConfigMapKeySelector): void {
  reportFaults(report, `${path}.name`, name, dns1123SubdomainFaults(name));
  if (isEmpty(key)) report(required(`${path}.key`));
  else reportFaults(report, `${path}.key`, key, configMapKeyFaults(key));
}

function checkFileKey(report: Report, at: string, { key, volumeName, path }: FileKeySelector): void {
  if (isEmpty(key)) report(required(`${at}.key`));
  else reportFaults(report, `${at}.key`, key, nameFaults(key));
  if (isEmpty(volumeName)) report(required(`${at}.volumeName`));
  else checkDnsLabel(report, `${at}.volumeName`, volumeName);
  if (isEmpty(path)) report(required(`${at}.path`));
  else checkNoBacksteps(report, `${at}.path`, path);
}
