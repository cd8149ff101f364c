// Mirrors upstream's EndpointSlice mirroring controller: Endpoints that somebody keeps by hand, for a Service without a
// selector, show up as slices. It leaves out the count of addresses that were skipped in its metrics.
import { endpointSlice } from '../../kinds/endpoint-slice.js';
import { endpoints as endpointsKind } from '../../kinds/endpoints.js';
import { service } from '../../kinds/service.js';
import { isIpv4, isIpv6 } from '../../kinds/shared/addresses.js';
import type { EndpointAddress, Endpoints, EndpointSubset, Service } from '../../machinery/api/core-v1.js';
import type { Endpoint, EndpointPort, EndpointSlice } from '../../machinery/api/discovery-v1.js';
import type { ObjectMeta } from '../../machinery/api/meta-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { keyOf } from '../../machinery/object.js';
import { defineIndex } from '../../machinery/resource-reader.port.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import { portKey } from '../endpoints/slice-plan.js';
import { TRIGGER_TIME } from '../endpoints/service-endpoints.js';
import { controllerReference } from '../owner-references.js';
import { failingUnlessGone } from '../owned-pods.js';
import { isNamespaceTerminating } from '../status-errors.js';
import { without } from '../without.js';

/** Addresses of one subset that are mirrored at most. */
const ADDRESSES_MAX = 1_000;
const CONTROLLER_NAME = 'endpointslicemirroring-controller.k8s.io';
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
const SKIP_LABEL = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const NO_KEYS: readonly string[] = Object.freeze([]);

type Context = ReconcileContext<undefined>;

/** By `namespace/name` of the Endpoints that they mirror. */
const mirrorsByEndpoints = defineIndex<EndpointSlice>({ name: 'mirrorsByEndpoints', keysOf: mirrored });

export const endpointSliceMirroringController = defineController<Endpoints>({
  name: 'endpoint-slice-mirroring-controller',
  option: 'endpointslice-mirroring-controller',
  serviceAccount: 'endpointslicemirroring-controller',
  primary: endpointsKind,
  watches: [
    watching<Service, undefined>({
      kind: service,
      matters: (object, previous) => (object.spec.selector === undefined) !== (previous.spec.selector === undefined),
      map: (object) => [keyOf(object)],
    }),
    watching<EndpointSlice, undefined>({
      kind: endpointSlice,
      map: (object, _context, type) => (type === 'added' ? NO_KEYS : mirrored(object)),
    }),
  ],

  reconcile(context, object) {
    const { client, key } = context;
    const slices = client.indexed(endpointSlice, mirrorsByEndpoints, key);
    const owner = client.get(service, key);
    const isMirrored =
      object !== undefined &&
      owner !== undefined &&
      owner.spec.selector === undefined &&
      object.metadata.labels?.[SKIP_LABEL] !== 'true' &&
      object.metadata.annotations?.[LEADER_ANNOTATION] === undefined;
    if (isMirrored) mirror(context, object, slices);
    else for (const each of slices) client.delete(endpointSlice, each, {}, failingUnlessGone(context));
    return undefined;
  },
});

function mirrored({ metadata }: EndpointSlice): readonly string[] {
  const name = metadata.labels?.[SERVICE_NAME_LABEL] ?? '';
  if (metadata.labels?.[MANAGED_BY_LABEL] !== CONTROLLER_NAME || name === '') return NO_KEYS;
  return [`${metadata.namespace ?? ''}/${name}`];
}

interface Mirror {
  readonly addressType: string;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

function mirror(context: Context, object: Endpoints, existing: readonly EndpointSlice[]): void {
  const left = [...existing];
  const take = (isWanted: (slice: EndpointSlice) => boolean): EndpointSlice | undefined => {
    const place = left.findIndex(isWanted);
    return place < 0 ? undefined : left.splice(place, 1)[0];
  };
  const pairs = mirrorsOf(context, object).map((wanted) => ({
    wanted,
    slice: take(
      (each) => each.addressType === wanted.addressType && portKey(each.ports ?? []) === portKey(wanted.ports),
    ),
  }));
  for (const { wanted, slice } of pairs) {
    // A slice that would go is written anew instead, where it can be.
    const recycled = slice ?? take((each) => each.addressType === wanted.addressType);
    if (recycled !== undefined) rewrite(context, object, recycled, wanted);
    else if (context.outstanding === 0) create(context, object, wanted);
  }
  for (const each of left) context.client.delete(endpointSlice, each, {}, failingUnlessGone(context));
}

function mirrorsOf({ recorder }: Context, object: Endpoints): readonly Mirror[] {
  const mirrors = new Map<
    string,
    { readonly addressType: string; ports: readonly EndpointPort[]; endpoints: Endpoint[] }
  >();
  let skipped = 0;
  let invalid = 0;
  for (const subset of object.subsets ?? []) {
    const ports = portsOf(subset);
    const all = [
      ...(subset.addresses ?? []).map((address) => ({ address, ready: true })),
      ...(subset.notReadyAddresses ?? []).map((address) => ({ address, ready: false })),
    ];
    skipped += Math.max(all.length - ADDRESSES_MAX, 0);
    for (const { address, ready } of all.slice(0, ADDRESSES_MAX)) {
      const addressType = isIpv4(address.ip) ? 'IPv4' : isIpv6(address.ip) ? 'IPv6' : undefined;
      if (addressType === undefined) {
        invalid++;
        continue;
      }
      const key = `${addressType} ${portKey(ports)}`;
      const group = mirrors.get(key) ?? { addressType, ports, endpoints: [] };
      mirrors.set(key, group);
      group.endpoints.push(endpointOf(address, ready));
    }
  }
  if (invalid > 0) {
    const message = `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`;
    recorder.record(object, 'Warning', 'InvalidIPAddress', message);
  }
  if (skipped > 0) {
    const limit = `A max of ${ADDRESSES_MAX} addresses can be mirrored to EndpointSlices per Endpoints subset.`;
    recorder.record(object, 'Warning', 'TooManyAddressesToMirror', `${limit} ${skipped} addresses were skipped`);
  }
  return [...mirrors.values()].map((each) => ({ ...each, endpoints: each.endpoints.slice(0, ADDRESSES_MAX) }));
}

const portsOf = ({ ports = [] }: EndpointSubset): readonly EndpointPort[] =>
  ports.map(({ name = '', protocol = 'TCP', port, appProtocol }) => ({
    name,
    protocol,
    port,
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }));

const endpointOf = ({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname === undefined || hostname === '' ? {} : { hostname }),
  ...(targetRef === undefined ? {} : { targetRef }),
  ...(nodeName === undefined ? {} : { nodeName }),
});

function ownMetadata(object: Endpoints): Partial<ObjectMeta> {
  const { name, labels, annotations = {} } = object.metadata;
  const told = without(annotations, TRIGGER_TIME, LAST_APPLIED);
  return {
    labels: { ...labels, [SERVICE_NAME_LABEL]: name, [MANAGED_BY_LABEL]: CONTROLLER_NAME },
    ...(Object.keys(told).length === 0 ? {} : { annotations: told }),
    ownerReferences: [controllerReference(endpointsKind, object)],
  };
}

function create(context: Context, object: Endpoints, content: Mirror): void {
  const { name, namespace } = object.metadata;
  const metadata = { generateName: `${name}-`, ...ownMetadata(object) };
  context.create(endpointSlice, namespace, { metadata, ...content }, ({ error }) => {
    if (error !== undefined && !isNamespaceTerminating(error)) context.fail(error);
  });
}

function rewrite({ client }: Context, object: Endpoints, slice: EndpointSlice, content: Mirror): void {
  const rest = without(slice.metadata, 'annotations');
  const next: EndpointSlice = { ...slice, metadata: { ...rest, ...ownMetadata(object) }, ...content };
  const isSame =
    deepEqual(next.metadata, slice.metadata) &&
    deepEqual(next.endpoints, slice.endpoints) &&
    deepEqual(next.ports, slice.ports);
  if (!isSame) client.update(endpointSlice, next);
}
