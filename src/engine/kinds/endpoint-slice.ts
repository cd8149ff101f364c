import type { EndpointSlice } from '../machinery/api/discovery-v1.js';
import { deepEqual } from '../machinery/equality.js';
import type { Draft } from '../machinery/object.js';
import { defineKind } from '../machinery/kind.js';
import { addressWarning } from './pod-spec/ip-address.js';
import { ageColumn, listWithMore, nameColumn } from './shared/columns.js';
import { validateEndpointSlice } from './shared/endpoint-slice-validation.js';
import { checkImmutable } from './shared/immutable.js';

const SHOWN_MAX = 3;

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

  defaults(draft) {
    for (const port of draft.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  // The topology of the beta version is written by no client of v1.
  prepareForCreate(draft) {
    dropEmptyLists(draft);
    for (const endpoint of draft.endpoints ?? []) delete endpoint.deprecatedTopology;
  },
  prepareForUpdate(draft, old) {
    dropEmptyLists(draft);
    if (deepEqual(draft.endpoints, old.endpoints)) return;
    for (const endpoint of draft.endpoints ?? []) delete endpoint.deprecatedTopology;
  },
  raisesGeneration: (object, old) =>
    object.addressType !== old.addressType ||
    !deepEqual(object.endpoints, old.endpoints) ||
    !deepEqual(object.ports, old.ports) ||
    !deepEqual(object.metadata.labels ?? {}, old.metadata.labels ?? {}),

  validate: (object, report) => validateEndpointSlice(object, undefined, report),
  validateUpdate(object, old, report) {
    validateEndpointSlice(object, old, report);
    checkImmutable(report, 'addressType', [object.addressType, old.addressType]);
  },
  warnings({ addressType, endpoints }) {
    const warnings = addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [];
    if (addressType === 'FQDN') return warnings;
    for (const [index, { addresses }] of (endpoints ?? []).entries()) {
      for (const [at, address] of (addresses ?? []).entries()) {
        const warning = addressWarning(`endpoints[${index}].addresses[${at}]`, address);
        if (warning !== undefined) warnings.push(warning);
      }
    }
    return warnings;
  },
});

function portsText({ ports }: EndpointSlice): string {
  const texts = (ports ?? []).map(({ name, port }) => (port === undefined ? (name ?? '*') : String(port)));
  return listWithMore(texts, SHOWN_MAX, '<unset>');
}

function addressesText({ endpoints }: EndpointSlice): string {
  const addresses = (endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []);
  return listWithMore(addresses, SHOWN_MAX, '<unset>');
}

/** What upstream stores of an empty list is none. */
function dropEmptyLists(draft: Draft<EndpointSlice>): void {
  if (draft.endpoints?.length === 0) draft.endpoints = null;
  if (draft.ports?.length === 0) draft.ports = null;
}
