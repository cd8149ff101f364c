/**
 * Takes a Service's address out of the cluster's ServiceCIDRs. An address is taken when an IPAddress of its name exists, so the
 * objects themselves are the pool: nothing else has to be kept, restored or repaired.
 */
import { assert } from '../../kernel/assert.js';
import { timestamp } from '../../kernel/clock.js';
import type { Service } from '../../machinery/api/core-v1.js';
import type { IPAddress } from '../../machinery/api/networking-v1.js';
import { invalid } from '../../machinery/field-error.js';
import type { StrategyContext } from '../../machinery/kind.js';
import type { Draft } from '../../machinery/object.js';
import * as status from '../../machinery/status-error.js';
import { ipAddress } from '../ip-address.js';
import { formatAddress, parseAddress } from '../pod-spec/ip-address.js';
import { serviceCIDR } from '../service-cidr.js';
import { ipv4Number, ipv4Text, networkOf, parseCidr } from '../shared/addresses.js';
import { NO_CLUSTER_IP } from './service-traits.js';

const MISMATCHED = 'the provided network does not match the current range';
const TAKEN = 'provided IP is already allocated';
const MANAGED_BY = 'ipallocator.k8s.io';
/** The lower part of a range is kept for addresses that clients choose; random ones come out of the rest. */
const STATIC_MIN = 16;
const STATIC_MAX = 256;
const STATIC_SHARE = 16;

interface Range {
  readonly first: number;
  readonly last: number;
  /** Where the part for random addresses begins. */
  readonly dynamic: number;
}

/** Fills `clusterIP` and `clusterIPs`, with an IPAddress for each new one. Throws a StatusError when it cannot. */
export function allocateClusterIPs(draft: Draft<Service>, context: StrategyContext): void {
  const { spec } = draft;
  if (spec.type === 'ExternalName' || spec.clusterIPs?.[0] === NO_CLUSTER_IP) return;
  const addresses = (spec.clusterIPs ??= []);
  for (const index of (spec.ipFamilies ?? []).keys()) {
    const wanted = addresses[index] ?? '';
    const address = wanted === '' ? nextAddress(context) : claimed(draft, wanted, context);
    addresses[index] = address;
    if (index === 0) spec.clusterIP = address;
    context.also({ type: 'put', kind: ipAddress, object: addressObject(draft, canonical(address), context) });
  }
}

export function releaseClusterIPs({ spec }: Service, context: StrategyContext): void {
  if (spec.type === 'ExternalName') return;
  for (const address of spec.clusterIPs ?? []) {
    if (address === NO_CLUSTER_IP) continue;
    const key = canonical(address);
    if (context.reader.get(ipAddress, key) !== undefined) context.also({ type: 'delete', kind: ipAddress, key });
  }
}

function claimed(draft: Draft<Service>, wanted: string, { reader }: StrategyContext): string {
  const address = parseAddress(wanted);
  assert(address !== undefined, 'cluster IPs are validated before they are allocated');
  const number = ipv4Number(address);
  const isInRange =
    address.family === 4 && readyRanges(reader).some(({ first, last }) => number >= first && number <= last);
  const isTaken = isInRange && reader.get(ipAddress, formatAddress(address)) !== undefined;
  if (isInRange && !isTaken) return wanted;
  const fault = `failed to allocate IP ${wanted}: ${isTaken ? TAKEN : MISMATCHED}`;
  const error = invalid('spec.clusterIPs', draft.spec.clusterIPs, fault);
  throw status.invalid({ group: '', kind: 'Service' }, draft.metadata.name, [error]);
}

function nextAddress({ reader, random }: StrategyContext): string {
  const isFree = (number: number): boolean => reader.get(ipAddress, ipv4Text(number)) === undefined;
  for (const { first, last, dynamic } of readyRanges(reader)) {
    for (const [from, to] of [
      [dynamic, last],
      [first, dynamic - 1],
    ] as const) {
      const size = to - from + 1;
      if (size <= 0) continue;
      const start = random.below(size);
      for (let step = 0; step < size; step++) {
        const number = from + ((start + step) % size);
        if (isFree(number)) return ipv4Text(number);
      }
    }
  }
  throw status.internalError('failed to allocate a serviceIP: range is full');
}

function readyRanges(reader: StrategyContext['reader']): readonly Range[] {
  return reader
    .list(serviceCIDR)
    .filter(({ metadata, status: { conditions = [] } = {} }) => {
      const ready = conditions.find(({ type }) => type === 'Ready');
      return metadata.deletionTimestamp === undefined && ready?.status === 'True';
    })
    .flatMap(({ spec }) => spec.cidrs ?? [])
    .flatMap((text) => rangeOf(text) ?? []);
}

/** Without the network's own address and its broadcast address. */
function rangeOf(text: string): Range | undefined {
  const cidr = parseCidr(text);
  if (cidr?.address.family !== 4) return undefined;
  const network = ipv4Number(networkOf(cidr));
  const size = 2 ** (32 - cidr.prefixLength);
  const kept = size <= STATIC_MIN ? 0 : Math.min(STATIC_MAX, Math.max(STATIC_MIN, Math.floor(size / STATIC_SHARE)));
  return { first: network + 1, last: network + size - 2, dynamic: network + 1 + kept };
}

const addressObject = ({ metadata }: Service, name: string, { now, random }: StrategyContext): IPAddress => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  metadata: {
    name,
    uid: random.uuid(),
    creationTimestamp: timestamp(now),
    labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv4', 'ipaddress.kubernetes.io/managed-by': MANAGED_BY },
  },
  spec: {
    parentRef: { resource: 'services', namespace: metadata.namespace ?? '', name: metadata.name },
  },
});

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}
