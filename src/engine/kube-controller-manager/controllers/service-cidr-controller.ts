// Mirrors upstream's ServiceCIDR controller: a range is ready as soon as it is known, and goes only when no address needs it.
import { after, instant, milliseconds, parseTimestamp, seconds, timestamp } from '../../kernel/clock.js';
import { ipAddress } from '../../kinds/ip-address.js';
import { parseAddress, type ParsedAddress } from '../../kinds/pod-spec/ip-address.js';
import { serviceCIDR } from '../../kinds/service-cidr.js';
import { ipv4Number, isWithin, networkOf, parseCidr, type ParsedCidr } from '../../kinds/shared/addresses.js';
import type { Condition } from '../../machinery/api/meta-v1.js';
import type { IPAddress, ServiceCIDR } from '../../machinery/api/networking-v1.js';
import { apiVersionOf, keyOf } from '../../machinery/object.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import { failingUnlessGone } from '../owned-pods.js';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
const FIELD_MANAGER = 'service-cidr-controller';
const ADDRESS_FAMILY = 'ipaddress.kubernetes.io/ip-family';
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by';
const ALLOCATOR = 'ipallocator.k8s.io';
/** So long after its deletion nobody can be about to take an address of the range any more. */
const GRACE_PERIOD = seconds(10);

type Context = ReconcileContext<undefined>;

export const serviceCidrController = defineController<ServiceCIDR>({
  name: 'service-cidr-controller',
  option: 'service-cidr-controller',
  serviceAccount: 'service-cidrs-controller',
  primary: serviceCIDR,
  watches: [
    watching<IPAddress, undefined>({
      kind: ipAddress,
      matters: () => false,
      map({ metadata }, { client }) {
        const address = parseAddress(metadata.name);
        if (address === undefined || metadata.labels?.[MANAGED_BY] !== ALLOCATOR) return [];
        return containing(client.list(serviceCIDR), address)
          .filter((each) => each.metadata.deletionTimestamp !== undefined)
          .map(keyOf);
      },
    }),
    watching<ServiceCIDR, undefined>({
      kind: serviceCIDR,
      matters: () => false,
      /** A range that is there now may make another one superfluous. */
      map: (object, { client }, type) =>
        type === 'added'
          ? client
              .list(serviceCIDR)
              .filter((each) => each.metadata.deletionTimestamp !== undefined && each !== object)
              .map(keyOf)
          : [],
    }),
  ],

  reconcile(context, range) {
    if (range === undefined) return undefined;
    const { client, key, simulation } = context;
    const { finalizers = [], deletionTimestamp, uid } = range.metadata;
    const isProtected = finalizers.includes(FINALIZER);
    if (deletionTimestamp === undefined) {
      if (!isProtected) {
        const patch = { metadata: { uid, finalizers: [...finalizers, FINALIZER] } };
        client.patch(serviceCIDR, key, patch, failingUnlessGone(context));
      }
      say(context, { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' });
      return undefined;
    }
    if (isNeeded(context, range)) {
      const advice = 'please remove them or create a new ServiceCIDR';
      const message = `There are still IPAddresses referencing the ServiceCIDR, ${advice}`;
      say(context, { status: 'False', reason: 'Terminating', message });
      return undefined;
    }
    const left = after(parseTimestamp(deletionTimestamp ?? '') ?? instant(0), GRACE_PERIOD) - simulation.now;
    if (left > 0) return milliseconds(left);
    const kept = finalizers.filter((each) => each !== FINALIZER);
    const patch = { metadata: { uid, finalizers: kept.length === 0 ? null : kept } };
    if (isProtected) client.patch(serviceCIDR, key, patch, failingUnlessGone(context));
    return undefined;
  },
});

function say({ client, key, simulation }: Context, said: Pick<Condition, 'status' | 'reason' | 'message'>): void {
  const range = client.get(serviceCIDR, key);
  const old = range?.status?.conditions?.find(({ type }) => type === 'Ready');
  const isSaid = old?.status === said.status && old.reason === said.reason && old.message === said.message;
  if (range === undefined || isSaid) return;
  const condition = { type: 'Ready', ...said, lastTransitionTime: timestamp(simulation.now) };
  client.as({ ...client.identity, fieldManager: FIELD_MANAGER }).applyStatus(serviceCIDR, key, {
    apiVersion: apiVersionOf(serviceCIDR),
    kind: serviceCIDR.kind,
    metadata: { name: range.metadata.name },
    status: { conditions: [condition] },
  });
}

/** Whether there is an address that lies in no other range. */
function isNeeded({ client }: Context, range: ServiceCIDR): boolean {
  const others = client.list(serviceCIDR).filter(({ metadata }) => metadata.uid !== range.metadata.uid);
  const own = cidrsOf(range);
  if (own.every((cidr) => others.some((each) => cidrsOf(each).some((other) => holds(other, cidr))))) return false;
  return client.list(ipAddress).some(({ metadata }) => {
    const address = parseAddress(metadata.name);
    if (address === undefined || metadata.labels?.[MANAGED_BY] !== ALLOCATOR) return false;
    if (metadata.labels[ADDRESS_FAMILY] !== `IPv${address.family}`) return false;
    return own.some((cidr) => hosts(cidr, address)) && containing(others, address).length === 0;
  });
}

const cidrsOf = ({ spec }: ServiceCIDR): readonly ParsedCidr[] =>
  (spec.cidrs ?? []).flatMap((text) => parseCidr(text) ?? []);

const holds = (outer: ParsedCidr, inner: ParsedCidr): boolean =>
  outer.prefixLength <= inner.prefixLength && isWithin(outer, networkOf(inner));

const containing = (ranges: readonly ServiceCIDR[], address: ParsedAddress): readonly ServiceCIDR[] =>
  ranges.filter((each) => cidrsOf(each).some((cidr) => hosts(cidr, address)));

/** The first address of a network, and the last one of an IPv4 network, are nobody's. */
function hosts(cidr: ParsedCidr, address: ParsedAddress): boolean {
  if (!isWithin(cidr, address)) return false;
  const network = networkOf(cidr);
  if (network.parts.every((part, index) => part === address.parts[index])) return false;
  return address.family === 6 || ipv4Number(address) !== ipv4Number(network) + 2 ** (32 - cidr.prefixLength) - 1;
}
