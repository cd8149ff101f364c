import type { EndpointAddress, EndpointPort, EndpointSubset, Pod, Service } from '../../machinery/api/core-v1.js';
import { isReady } from '../pods.js';
import { without } from '../without.js';
import { canBeEndpoint, hasNamedTargets, hostnameOf, isIPv6, targetPortOf } from './service-endpoints.js';

/** Addresses that an Endpoints object holds at most; the rest is cut off, unready ones first. */
const ADDRESSES_MAX = 1_000;

interface Group {
  readonly ports: readonly EndpointPort[];
  readonly ready: EndpointAddress[];
  readonly unready: EndpointAddress[];
}

/** What the legacy Endpoints object of a Service holds: its pods' addresses, gathered by the ports that they serve. */
export function subsetsOf(object: Service, pods: readonly Pod[]): readonly EndpointSubset[] {
  const groups = new Map<string, Group>();
  const even = object.spec.publishNotReadyAddresses === true;
  const isNamed = hasNamedTargets(object);
  let group: Group | undefined;
  for (const each of pods) {
    if (!canBeEndpoint(each, even)) continue;
    const address = addressOf(each, object);
    if (address === undefined) continue;
    if (group === undefined || isNamed) group = groupOf(groups, portsOf(each, object));
    if (group !== undefined) (even || isReady(each) ? group.ready : group.unready).push(address);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { ports, ready, unready }]) => ({
      ...(ready.length === 0 ? {} : { addresses: sorted(ready) }),
      ...(unready.length === 0 ? {} : { notReadyAddresses: sorted(unready) }),
      ...(ports.length === 0 ? {} : { ports }),
    }));
}

function groupOf(groups: Map<string, Group>, ports: readonly EndpointPort[] | undefined): Group | undefined {
  if (ports === undefined) return undefined;
  const key = JSON.stringify(ports);
  let group = groups.get(key);
  if (group === undefined) groups.set(key, (group = { ports, ready: [], unready: [] }));
  return group;
}

function addressOf(each: Pod, object: Service): EndpointAddress | undefined {
  const wantsIPv6 = object.spec.ipFamilies?.[0] === 'IPv6';
  const ip = each.status?.podIPs?.find((candidate) => isIPv6(candidate.ip) === wantsIPv6)?.ip;
  if (ip === undefined) return undefined;
  const { namespace = '', name, uid = '' } = each.metadata;
  const hostname = hostnameOf(each, object);
  return {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(each.spec.nodeName === undefined ? {} : { nodeName: each.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

/** `undefined` where the pod serves none of the Service's ports. A headless Service may have none at all. */
function portsOf(each: Pod, { spec }: Service): readonly EndpointPort[] | undefined {
  const wanted = spec.ports ?? [];
  if (wanted.length === 0) return spec.clusterIP === 'None' ? [] : undefined;
  const ports = wanted.flatMap((port): readonly EndpointPort[] => {
    const number = targetPortOf(each, port);
    if (number === undefined) return [];
    const { name = '', protocol = 'TCP', appProtocol } = port;
    return [
      {
        ...(name === '' ? {} : { name }),
        port: number,
        protocol,
        ...(appProtocol === undefined ? {} : { appProtocol }),
      },
    ];
  });
  return ports.length === 0 ? undefined : ports;
}

const sorted = (addresses: readonly EndpointAddress[]): readonly EndpointAddress[] =>
  addresses
    .map((address): readonly [string, EndpointAddress] => [sortKey(address), address])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, address]) => address);

/** IPv4 addresses in numeric order. */
const sortKey = ({ ip, targetRef }: EndpointAddress): string => {
  const parts = isIPv6(ip) ? [ip] : ip.split('.').map((part) => part.padStart(3, '0'));
  return `${parts.join('.')} ${targetRef?.uid ?? ''}`;
};

/** Cut down to what one object may hold; `undefined` where nothing needs to go. */
export function truncated(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] | undefined {
  const count = (field: 'addresses' | 'notReadyAddresses'): number =>
    subsets.reduce((sum, each) => sum + (each[field]?.length ?? 0), 0);
  const ready = count('addresses');
  const unready = count('notReadyAddresses');
  if (ready + unready <= ADDRESSES_MAX) return undefined;
  const cutsReady = ready > ADDRESSES_MAX;
  const field = cutsReady ? 'addresses' : 'notReadyAddresses';
  const room = cutsReady ? ADDRESSES_MAX : ADDRESSES_MAX - ready;
  const total = cutsReady ? ready : unready;
  let left = room;
  return subsets.map((each) => {
    const addresses = each[field] ?? [];
    const kept = Math.min(Math.ceil((addresses.length / total) * room), left);
    left -= kept;
    const rest = without(each, 'addresses', 'notReadyAddresses');
    const { addresses: readyAddresses } = each;
    if (cutsReady) return { ...rest, addresses: addresses.slice(0, kept) };
    return {
      ...rest,
      ...(readyAddresses === undefined ? {} : { addresses: readyAddresses }),
      ...(kept === 0 ? {} : { notReadyAddresses: addresses.slice(0, kept) }),
    };
  });
}
