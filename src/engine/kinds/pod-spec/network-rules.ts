import type { HostAlias, PodDNSConfig, PodSpec } from '../../machinery/api/core-v1.js';
import { forbidden, invalid, required, tooLong } from '../../machinery/field-error.js';
import { byteLength } from '../../machinery/go-text.js';
import type { Report } from '../../machinery/kind.js';
import { checkDnsSubdomain } from './checks.js';
import { checkAddress } from './ip-address.js';

const NAMESERVERS_MAX = 3;
const SEARCHES_MAX = 32;
const SEARCH_CHARACTERS_MAX = 2_048;
const SUBDOMAIN_BYTES_MAX = 253;
const HOSTNAME_BYTES_MAX = 64;
const SEARCH_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SEARCH_SOURCE = `${SEARCH_LABEL}(\\.${SEARCH_LABEL})*`;
const SEARCH = new RegExp(`^${SEARCH_SOURCE}$`);
const SEARCH_FAULT = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SEARCH_SOURCE}')`;

export function checkDnsConfig(report: Report, path: string, { dnsPolicy, dnsConfig }: PodSpec): void {
  if (dnsPolicy === 'None') {
    if (dnsConfig === undefined) return report(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'));
    if ((dnsConfig.nameservers ?? []).length === 0) {
      const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      return report(required(`${path}.nameservers`, detail));
    }
  }
  if (dnsConfig === undefined) return;
  const { nameservers = [], options = [] } = dnsConfig;
  if (nameservers.length > NAMESERVERS_MAX) {
    report(invalid(`${path}.nameservers`, nameservers, `must not have more than ${NAMESERVERS_MAX} nameservers`));
  }
  for (const [index, each] of nameservers.entries()) checkAddress(report, `${path}.nameservers[${index}]`, each);
  checkSearches(report, `${path}.searches`, dnsConfig);
  for (const [index, { name = '' }] of options.entries()) {
    if (name === '') report(required(`${path}.options[${index}]`, 'must not be empty'));
  }
}

function checkSearches(report: Report, path: string, { searches = [] }: PodDNSConfig): void {
  if (searches.length > SEARCHES_MAX) {
    report(invalid(path, searches, `must not have more than ${SEARCHES_MAX} search paths`));
  }
  if (byteLength(searches.join(' ')) > SEARCH_CHARACTERS_MAX) {
    const detail = `must not have more than ${SEARCH_CHARACTERS_MAX} characters (including spaces) in the search list`;
    report(invalid(path, searches, detail));
  }
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue;
    const name = search.endsWith('.') ? search.slice(0, -1) : search;
    const at = `${path}[${index}]`;
    if (byteLength(name) > SUBDOMAIN_BYTES_MAX) {
      report(invalid(at, name, `must be no more than ${SUBDOMAIN_BYTES_MAX} characters`));
    }
    if (!SEARCH.test(name)) report(invalid(at, name, SEARCH_FAULT));
  }
}

/** Whoever uses the node's network takes the node's ports. A template may leave the host port to the pod's defaults. */
export function checkHostNetworkPorts(report: Report, path: string, spec: PodSpec, isPod: boolean): void {
  if (spec.hostNetwork !== true) return;
  for (const [index, { ports }] of spec.containers.entries()) {
    for (const [portIndex, { hostPort = 0, containerPort }] of (ports ?? []).entries()) {
      if ((!isPod && hostPort === 0) || hostPort === containerPort) continue;
      const at = `${path}.containers[${index}].ports[${portIndex}].hostPort`;
      report(invalid(at, hostPort, 'must match `containerPort` when `hostNetwork` is true'));
    }
  }
}

export function checkHostAliases(report: Report, path: string, aliases: readonly HostAlias[]): void {
  for (const [index, { ip, hostnames }] of aliases.entries()) {
    checkAddress(report, `${path}[${index}].ip`, ip);
    for (const [nameIndex, hostname] of (hostnames ?? []).entries()) {
      checkDnsSubdomain(report, `${path}[${index}].hostnames[${nameIndex}]`, hostname);
    }
  }
}

export function checkHostnameOverride(report: Report, path: string, spec: PodSpec): void {
  const { hostnameOverride, setHostnameAsFQDN, hostNetwork } = spec;
  if (hostnameOverride === undefined) return;
  if (setHostnameAsFQDN === true) report(forbidden(path, 'may not be specified when setHostnameAsFQDN is true'));
  if (hostNetwork === true) report(forbidden(path, 'may not be specified when hostNetwork is true'));
  if (byteLength(hostnameOverride) > HOSTNAME_BYTES_MAX) report(tooLong(path, HOSTNAME_BYTES_MAX));
  checkDnsSubdomain(report, path, hostnameOverride);
}
