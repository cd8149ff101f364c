import { ipv4Number, ipv4Text, networkOf, parseCidr } from '../kinds/shared/addresses.js';
import type { NodeConfig } from '../kubelet/node-config.js';
import type { Node } from '../machinery/api/core-v1.js';
import type { WorkerCapacity } from './cluster-spec.js';

/** Machines that say no address of their own get one of 10.1.0.0/17, by the place of their range among the /24s. */
const ADDRESSES_BASE = 10 * 2 ** 24 + 2 ** 16;
const ADDRESSES = 2 ** 15;
const BLOCK_SIZE = 2 ** 8;

/** The machine behind a Node that a client made; `undefined` until the Node has an IPv4 range for its pods. */
export function adoptedNodeConfig({ metadata, spec, status }: Node, capacity: WorkerCapacity): NodeConfig | undefined {
  const podCidr = [spec.podCIDR ?? '', ...(spec.podCIDRs ?? [])].find((each) => parseCidr(each)?.address.family === 4);
  const cidr = podCidr === undefined ? undefined : parseCidr(podCidr);
  if (podCidr === undefined || cidr === undefined) return undefined;
  const range = ipv4Number(networkOf(cidr));
  const told = status?.addresses?.find(({ type, address }) => type === 'InternalIP' && address.includes('.'))?.address;
  return {
    name: metadata.name,
    role: 'worker',
    ip: told ?? ipv4Text(ADDRESSES_BASE + (Math.floor(range / BLOCK_SIZE) % ADDRESSES)),
    podCidr: `${ipv4Text(range)}/${cidr.prefixLength}`,
    zone: undefined,
    region: undefined,
    capacity,
    isAdopted: true,
  };
}
