import type { EndpointSlice } from '../machinery/api/discovery-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, listWithMore, nameColumn } from './shared/columns.js';

export const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
  type: 'k8s.io/api/discovery/v1.EndpointSlice',
  columns: [
    nameColumn,
    { name: 'AddressType', type: 'string', value: ({ addressType }) => addressType },
    { name: 'Ports', type: 'string', value: portsText },
    { name: 'Endpoints', type: 'string', value: addressesText },
    ageColumn,
  ],
  countsGenerations: true,
});

const SHOWN_MAX = 3;

function portsText({ ports }: EndpointSlice): string {
  const texts = (ports ?? []).map(({ name, port }) => (port === undefined ? (name ?? '*') : String(port)));
  return listWithMore(texts, SHOWN_MAX, '<unset>');
}

function addressesText({ endpoints }: EndpointSlice): string {
  const addresses = (endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []);
  return listWithMore(addresses, SHOWN_MAX, '<unset>');
}
