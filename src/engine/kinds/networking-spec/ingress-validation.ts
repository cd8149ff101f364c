/** Mirrors `ValidateIngressCreate`, `ValidateIngressUpdate` and `ValidateIngressStatusUpdate`. */
import type { TypedLocalObjectReference } from '../../machinery/api/core-v1.js';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressSpec,
} from '../../machinery/api/networking-v1.js';
import { invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import {
  dns1035LabelFaults,
  dns1123SubdomainFaults,
  pathSegmentFaults,
  portNameFaults,
  wildcardDns1123SubdomainFaults,
} from '../../machinery/names.js';
import { reportFaults } from '../pod-spec/checks.js';
import { checkAddress, isAddress } from '../pod-spec/ip-address.js';
import { checkPortNumber } from '../shared/ports.js';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const PATH_TYPES: readonly string[] = ['Exact', 'ImplementationSpecific', 'Prefix'];
const INVALID_SEQUENCES: readonly string[] = ['//', '/./', '/../', '%2f', '%2F'];
const INVALID_SUFFIXES: readonly string[] = ['/..', '/.'];
const NOT_A_NAME = 'must be a DNS name, not an IP address';

/** An object that broke these rules before they came may go on doing so. */
interface Leniency {
  readonly allowsSecretNames: boolean;
  readonly allowsWildcardRules: boolean;
}
const STRICT: Leniency = Object.freeze({ allowsSecretNames: false, allowsWildcardRules: false });

export function validateIngress(ingress: Ingress, report: Report): void {
  validateSpec(ingress.spec ?? {}, STRICT, report);
  const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  const className = ingress.spec?.ingressClassName;
  if (annotation !== undefined && className !== undefined && annotation !== className) {
    const fault = 'must match `ingressClassName` when both are specified';
    report(invalid(`annotations.${CLASS_ANNOTATION}`, annotation, fault));
  }
}

export function validateIngressUpdate(ingress: Ingress, old: Ingress, report: Report): void {
  const { tls = [], rules = [] } = old.spec ?? {};
  const leniency: Leniency = {
    allowsSecretNames: tls.some(({ secretName = '' }) => secretNameFaults(secretName).length > 0),
    allowsWildcardRules: rules.some((rule) => (rule.host ?? '').includes('*') && hasFaults(rule)),
  };
  validateSpec(ingress.spec ?? {}, leniency, report);
}

export function validateIngressStatus(ingress: Ingress, old: Ingress, report: Report): void {
  const before = (old.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
  for (const [index, { ip = '', hostname = '' }] of (ingress.status?.loadBalancer?.ingress ?? []).entries()) {
    const path = `status.loadBalancer.ingress[${index}]`;
    if (ip !== '' && !before.includes(ip)) checkAddress(report, `${path}.ip`, ip);
    if (hostname === '') continue;
    reportFaults(report, `${path}.hostname`, hostname, dns1123SubdomainFaults(hostname));
    if (isAddress(hostname)) report(invalid(`${path}.hostname`, hostname, NOT_A_NAME));
  }
}

function validateSpec(spec: IngressSpec, leniency: Leniency, report: Report): void {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  if (rules.length === 0 && defaultBackend === undefined) {
    report(invalid('spec', spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (defaultBackend !== undefined) validateBackend(defaultBackend, 'spec.defaultBackend', report);
  for (const [index, rule] of rules.entries()) validateRule(rule, `spec.rules[${index}]`, leniency, report);
  for (const [index, { hosts = [], secretName = '' }] of tls.entries()) {
    const path = `spec.tls[${index}]`;
    for (const [at, host] of hosts.entries()) reportFaults(report, `${path}.hosts[${at}]`, host, hostFaults(host));
    if (!leniency.allowsSecretNames)
      reportFaults(report, `${path}.secretName`, secretName, secretNameFaults(secretName));
  }
  if (ingressClassName !== undefined) {
    reportFaults(report, 'spec.ingressClassName', ingressClassName, dns1123SubdomainFaults(ingressClassName));
  }
}

function validateRule(rule: IngressRule, path: string, leniency: Leniency, report: Report): void {
  const { host = '', http } = rule;
  if (host !== '') {
    if (isAddress(host)) report(invalid(`${path}.host`, host, NOT_A_NAME));
    reportFaults(report, `${path}.host`, host, hostFaults(host));
  }
  if (http === undefined || (host.includes('*') && leniency.allowsWildcardRules)) return;
  const paths = http.paths ?? [];
  if (paths.length === 0) report(required(`${path}.http.paths`));
  for (const [index, each] of paths.entries()) validatePath(each, `${path}.http.paths[${index}]`, report);
}

function validatePath({ path: value = '', pathType, backend }: HTTPIngressPath, path: string, report: Report): void {
  if (pathType === undefined || pathType === null)
    return report(required(`${path}.pathType`, 'pathType must be specified'));
  const isStrict = pathType === 'Exact' || pathType === 'Prefix';
  if (!PATH_TYPES.includes(pathType)) report(notSupported(`${path}.pathType`, pathType, PATH_TYPES));
  else if (!value.startsWith('/') && (isStrict || value !== '')) {
    report(invalid(`${path}.path`, value, 'must be an absolute path'));
  }
  if (isStrict) {
    for (const each of INVALID_SEQUENCES) {
      if (value.includes(each)) report(invalid(`${path}.path`, value, `must not contain '${each}'`));
    }
    for (const each of INVALID_SUFFIXES) {
      if (value.endsWith(each)) report(invalid(`${path}.path`, value, `cannot end with '${each}'`));
    }
  }
  validateBackend(backend, `${path}.backend`, report);
}

function validateBackend({ resource, service }: IngressBackend, path: string, report: Report): void {
  if (resource !== undefined && service !== undefined) {
    return report(invalid(path, '', 'cannot set both resource and service backends'));
  }
  if (resource !== undefined) return checkTypedReference(resource, `${path}.resource`, report);
  if (service === undefined) return report(invalid(path, '', 'resource or service backend is required'));
  if (service.name === '') report(required(`${path}.service.name`));
  else reportFaults(report, `${path}.service.name`, service.name, dns1035LabelFaults(service.name));
  const { name = '', number = 0 } = service.port ?? {};
  if (name !== '' && number !== 0) report(invalid(path, '', 'cannot set both port name & port number'));
  else if (name !== '') reportFaults(report, `${path}.service.port.name`, name, portNameFaults(name));
  else if (number !== 0) checkPortNumber(report, `${path}.service.port.number`, number);
  else report(required(path, 'port name or number is required'));
}

export function checkTypedReference(reference: TypedLocalObjectReference, path: string, report: Report): void {
  const { apiGroup, kind, name } = reference;
  if (apiGroup !== undefined && apiGroup !== null) {
    reportFaults(report, `${path}.apiGroup`, apiGroup, dns1123SubdomainFaults(apiGroup));
  }
  if (kind === '') report(required(`${path}.kind`));
  else reportFaults(report, `${path}.kind`, kind, pathSegmentFaults(kind));
  if (name === '') report(required(`${path}.name`));
  else reportFaults(report, `${path}.name`, name, pathSegmentFaults(name));
}

const hostFaults = (host: string): readonly string[] =>
  host.includes('*') ? wildcardDns1123SubdomainFaults(host) : dns1123SubdomainFaults(host);

const secretNameFaults = (name: string): readonly string[] => (name === '' ? [] : dns1123SubdomainFaults(name));

function hasFaults(rule: IngressRule): boolean {
  let count = 0;
  validateRule({ ...rule, host: '' }, '', STRICT, () => void count++);
  return count > 0;
}
