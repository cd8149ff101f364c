/** Fields of a pod that its containers may read: as environment variables or as files (the downward API). */
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../machinery/api/core-v1.js';
import { invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import type { Draft } from '../../machinery/object.js';
import { compareQuantity, formatQuantity, quantityOf } from '../../machinery/quantity.js';
import { checkQualifiedName, isEmpty } from './checks.js';
import { quantityFrom } from './resource-lists.js';

export const ENVIRONMENT_FIELDS: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
export const VOLUME_FIELDS: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...ENVIRONMENT_FIELDS,
  ...VOLUME_FIELDS,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);
const RESOURCE_FIELDS: readonly string[] = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];
const BYTE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];
const ZERO = quantityOf(0);

export function defaultFieldRef(reference: Draft<ObjectFieldSelector> | undefined): void {
  if (reference !== undefined && isEmpty(reference.apiVersion)) reference.apiVersion = 'v1';
}

/** `fields` are those that may be read at this place. */
export function checkFieldRef(
  report: Report,
  path: string,
  { apiVersion, fieldPath }: ObjectFieldSelector,
  fields: readonly string[],
): void {
  if (isEmpty(apiVersion)) return report(required(`${path}.apiVersion`));
  if (isEmpty(fieldPath)) return report(required(`${path}.fieldPath`));
  const subscripted = splitSubscript(fieldPath);
  const fault = conversionFault(apiVersion, fieldPath, subscripted);
  if (fault !== undefined)
    return report(invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${fault}`));
  if (subscripted !== undefined) {
    const isAnnotation = subscripted.field === 'metadata.annotations';
    checkQualifiedName(report, path, isAnnotation ? subscripted.subscript.toLowerCase() : subscripted.subscript);
    return;
  }
  const field = fieldPath === 'spec.host' ? 'spec.nodeName' : fieldPath;
  if (!fields.includes(field)) report(notSupported(`${path}.fieldPath`, field, fields));
}

export function checkResourceFieldRef(
  report: Report,
  path: string,
  { containerName, resource, divisor }: ResourceFieldSelector,
  needsContainer: boolean,
): void {
  if (needsContainer && isEmpty(containerName)) report(required(`${path}.containerName`));
  else if (isEmpty(resource)) report(required(`${path}.resource`));
  else if (!RESOURCE_FIELDS.includes(resource) && !isHugePagesField(resource)) {
    report(notSupported(`${path}.resource`, resource, RESOURCE_FIELDS));
  }
  if (divisor !== undefined) checkDivisor(report, `${path}.divisor`, resource, divisor);
}

function checkDivisor(report: Report, path: string, resource: string, divisor: string): void {
  const quantity = quantityFrom(divisor);
  if (compareQuantity(quantity, ZERO) === 0) return;
  const text = formatQuantity(quantity);
  if (resource === 'limits.cpu' || resource === 'requests.cpu') {
    if (text !== '1m' && text !== '1') {
      report(invalid(path, resource, "only divisor's values 1m and 1 are supported with the cpu resource"));
    }
    return;
  }
  const name = bytesName(resource);
  if (name === undefined || BYTE_DIVISORS.includes(text)) return;
  const list = BYTE_DIVISORS.join(', ');
  report(invalid(path, resource, `only divisor's values ${list} are supported with the ${name} resource`));
}

function bytesName(resource: string): string | undefined {
  if (resource === 'limits.memory' || resource === 'requests.memory') return 'memory';
  if (resource === 'limits.ephemeral-storage' || resource === 'requests.ephemeral-storage') {
    return 'local ephemeral storage';
  }
  return isHugePagesField(resource) ? 'hugepages' : undefined;
}

const isHugePagesField = (resource: string): boolean =>
  resource.startsWith('requests.hugepages-') || resource.startsWith('limits.hugepages-');

interface Subscripted {
  readonly field: string;
  readonly subscript: string;
}

/** `metadata.labels['app']` */
function splitSubscript(fieldPath: string): Subscripted | undefined {
  const open = fieldPath.indexOf("['");
  if (open <= 0 || !fieldPath.endsWith("']") || open + 2 > fieldPath.length - 2) return undefined;
  return { field: fieldPath.slice(0, open), subscript: fieldPath.slice(open + 2, -2) };
}

function conversionFault(version: string, fieldPath: string, subscripted: Subscripted | undefined): string | undefined {
  if (version !== 'v1') return `unsupported pod version: ${version}`;
  if (subscripted !== undefined) {
    return subscripted.field === 'metadata.annotations' || subscripted.field === 'metadata.labels'
      ? undefined
      : `field label does not support subscript: ${fieldPath}`;
  }
  return KNOWN_FIELDS.has(fieldPath) || fieldPath === 'spec.host'
    ? undefined
    : `field label not supported: ${fieldPath}`;
}
