/** Mirrors `ValidateEndpointSlice`. */
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from '../../machinery/api/discovery-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { duplicate, invalid, notSupported, required, tooMany } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1123LabelFaults, dns1123SubdomainFaults, labelValueFaults } from '../../machinery/names.js';
import { checkDnsLabel, checkLabels, checkQualifiedName, reportFaults } from '../pod-spec/checks.js';
import { checkAddress, isAddress } from '../pod-spec/ip-address.js';
import { checkCanonicalAddress, checkEndpointAddress, isIpv4, isIpv6 } from './addresses.js';
import { PROTOCOLS } from './ports.js';

const ADDRESS_TYPES: readonly string[] = ['FQDN', 'IPv4', 'IPv6'];
const ENDPOINTS_MAX = 1_000;
const ADDRESSES_MAX = 100;
const PORTS_MAX = 20_000;
const TOPOLOGY_LABELS_MAX = 16;
const HINTS_MAX = 8;

export function validateEndpointSlice(slice: EndpointSlice, old: EndpointSlice | undefined, report: Report): void {
  const { addressType, ports } = slice;
  if (addressType === '') report(required('addressType'));
  else if (!ADDRESS_TYPES.includes(addressType)) report(notSupported('addressType', addressType, ADDRESS_TYPES));
  validatePorts(ports ?? [], report);
  if (old === undefined || !deepEqual(old.endpoints, slice.endpoints)) validateEndpoints(slice, report);
}

function validatePorts(ports: readonly EndpointPort[], report: Report): void {
  if (ports.length > PORTS_MAX) return report(tooMany('ports', ports.length, PORTS_MAX));
  const names = new Set<string>();
  for (const [index, { name = '', protocol, appProtocol }] of ports.entries()) {
    const path = `ports[${index}]`;
    if (name !== '') checkDnsLabel(report, `${path}.name`, name);
    if (names.has(name)) report(duplicate(`${path}.name`, name));
    names.add(name);
    if (protocol === undefined) report(required(`${path}.protocol`));
    else if (!PROTOCOLS.includes(protocol)) report(notSupported(`${path}.protocol`, protocol, PROTOCOLS));
    if (appProtocol !== undefined) checkQualifiedName(report, `${path}.appProtocol`, appProtocol);
  }
}

function validateEndpoints({ addressType, endpoints }: EndpointSlice, report: Report): void {
  const list = endpoints ?? [];
  if (list.length > ENDPOINTS_MAX) return report(tooMany('endpoints', list.length, ENDPOINTS_MAX));
  for (const [index, endpoint] of list.entries()) {
    const path = `endpoints[${index}]`;
    const addresses = endpoint.addresses ?? [];
    if (addresses.length === 0) report(required(`${path}.addresses`, 'must contain at least 1 address'));
    else if (addresses.length > ADDRESSES_MAX) report(tooMany(`${path}.addresses`, addresses.length, ADDRESSES_MAX));
    for (const [at, address] of addresses.entries()) {
      validateAddress(addressType, address, { list: `${path}.addresses`, item: `${path}.addresses[${at}]` }, report);
    }
    validatePlace(endpoint, path, report);
  }
}

interface AddressPaths {
  readonly list: string;
  readonly item: string;
}

function validateAddress(type: string, address: string, { list, item }: AddressPaths, report: Report): void {
  if (type === 'FQDN') return validateDomain(address, item, report);
  if (type === 'IPv4') {
    if (!isAddress(address)) return checkAddress(report, item, address);
    if (!isIpv4(address)) report(invalid(list, address, 'must be an IPv4 address'));
    checkEndpointAddress(report, item, address);
  } else if (type === 'IPv6') {
    let isCanonical = true;
    checkCanonicalAddress(
      (error) => {
        isCanonical = false;
        report(error);
      },
      item,
      address,
    );
    if (!isCanonical) return;
    if (!isIpv6(address)) report(invalid(list, address, 'must be an IPv6 address'));
    checkEndpointAddress(report, item, address);
  }
}

function validateDomain(address: string, path: string, report: Report): void {
  if (address === '') return report(required(path));
  const name = address.replace(/\.$/, '');
  const faults = dns1123SubdomainFaults(name);
  if (faults.length > 0) return report(invalid(path, name, faults.join(',')));
  const labels = name.split('.');
  if (labels.length < 2) {
    return report(invalid(path, name, 'should be a domain with at least two segments separated by dots'));
  }
  const wrong = labels.find((label) => dns1123LabelFaults(label).length > 0);
  if (wrong !== undefined) report(invalid(path, wrong, dns1123LabelFaults(wrong).join(',')));
}

function validatePlace(endpoint: Endpoint, path: string, report: Report): void {
  const { nodeName, deprecatedTopology: topology = {}, hostname, hints } = endpoint;
  if (nodeName !== undefined) reportFaults(report, `${path}.nodeName`, nodeName, dns1123SubdomainFaults(nodeName));
  const labelCount = Object.keys(topology).length;
  if (labelCount > TOPOLOGY_LABELS_MAX) {
    report(tooMany(`${path}.deprecatedTopology`, labelCount, TOPOLOGY_LABELS_MAX));
  }
  checkLabels(report, `${path}.deprecatedTopology`, topology);
  if (hostname !== undefined) checkDnsLabel(report, `${path}.hostname`, hostname);
  if (hints !== undefined) validateHints(hints, `${path}.hints`, report);
}

function validateHints({ forZones = [], forNodes = [] }: EndpointHints, path: string, report: Report): void {
  if (forZones.length > HINTS_MAX) return report(tooMany(`${path}.forZones`, forZones.length, HINTS_MAX));
  const zones = forZones.map(({ name }) => name);
  for (const [index, name] of zones.entries()) {
    if (zones.indexOf(name) < index) report(duplicate(`${path}.forZones[${index}].name`, name));
    reportFaults(report, `${path}.forZones[${index}].name`, name, labelValueFaults(name));
  }
  if (forNodes.length > HINTS_MAX) return report(tooMany(`${path}.forNodes`, forNodes.length, HINTS_MAX));
  const nodes = forNodes.map(({ name }) => name);
  for (const [index, name] of nodes.entries()) {
    if (nodes.indexOf(name) < index) report(duplicate(`${path}.forNodes[${index}].name`, name));
    reportFaults(report, `${path}.forNodes[${index}].name`, name, dns1123SubdomainFaults(name));
  }
}
