import type { EndpointAddress, EndpointPort, Endpoints } from '../machinery/api/core-v1.js';
import { deepEqual } from '../machinery/equality.js';
import { required } from '../machinery/field-error.js';
import type { Report } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { dns1123SubdomainFaults } from '../machinery/names.js';
import { checkChoice, checkDnsLabel, checkQualifiedName, reportFaults } from './pod-spec/checks.js';
import { addressWarning, checkAddress } from './pod-spec/ip-address.js';
import { checkEndpointAddress } from './shared/addresses.js';
import { ageColumn, listWithMore, nameColumn } from './shared/columns.js';
import { PROTOCOLS, checkPortNumber } from './shared/ports.js';

const ADDRESSES_SHOWN_MAX = 3;

export const endpoints = defineKind<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.Endpoints',
  columns: [nameColumn, { name: 'Endpoints', type: 'string', value: addressesOf }, ageColumn],
  createsOnUpdate: true,

  defaults({ subsets = [] }) {
    for (const { ports = [] } of subsets) for (const port of ports) port.protocol ||= 'TCP';
  },

  validate,
  validateUpdate(object, old, report) {
    if (!deepEqual(object.subsets, old.subsets)) validate(object, report);
  },
  warnings: ({ subsets = [] }) =>
    subsets.flatMap(({ addresses = [], notReadyAddresses = [] }, index) => [
      ...addressWarnings(`subsets[${index}].addresses`, addresses),
      ...addressWarnings(`subsets[${index}].notReadyAddresses`, notReadyAddresses),
    ]),
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
});

const addressWarnings = (path: string, addresses: readonly EndpointAddress[]): readonly string[] =>
  addresses.flatMap(({ ip }, index) => addressWarning(`${path}[${index}].ip`, ip) ?? []);

function addressesOf({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return '<none>';
  const texts = subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) =>
          addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
        ),
  );
  return listWithMore(texts, ADDRESSES_SHOWN_MAX, '');
}

function validate({ subsets = [] }: Endpoints, report: Report): void {
  for (const [index, { addresses = [], notReadyAddresses = [], ports = [] }] of subsets.entries()) {
    const path = `subsets[${index}]`;
    if (addresses.length === 0 && notReadyAddresses.length === 0) {
      report(required(path, 'must specify `addresses` or `notReadyAddresses`'));
    }
    for (const [at, address] of addresses.entries()) validateAddress(address, `${path}.addresses[${at}]`, report);
    for (const [at, address] of notReadyAddresses.entries()) {
      validateAddress(address, `${path}.notReadyAddresses[${at}]`, report);
    }
    for (const [at, port] of ports.entries()) validatePort(port, `${path}.ports[${at}]`, ports.length > 1, report);
  }
}

function validateAddress({ ip, hostname = '', nodeName }: EndpointAddress, path: string, report: Report): void {
  checkAddress(report, `${path}.ip`, ip);
  if (hostname !== '') checkDnsLabel(report, `${path}.hostname`, hostname);
  if (nodeName !== undefined) reportFaults(report, `${path}.nodeName`, nodeName, dns1123SubdomainFaults(nodeName));
  checkEndpointAddress(report, `${path}.ip`, ip);
}

function validatePort(port: EndpointPort, path: string, needsName: boolean, report: Report): void {
  const { name = '', appProtocol } = port;
  if (name !== '') checkDnsLabel(report, `${path}.name`, name);
  else if (needsName) report(required(`${path}.name`));
  checkPortNumber(report, `${path}.port`, port.port);
  checkChoice(report, `${path}.protocol`, port.protocol, PROTOCOLS);
  if (appProtocol !== undefined) checkQualifiedName(report, `${path}.appProtocol`, appProtocol);
}
