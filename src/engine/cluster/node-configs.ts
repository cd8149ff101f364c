import type { NodeConfig } from '../kubelet/node-config.js';
import { REGION_PRESET, type Topology } from './cluster-spec.js';

/** What a control-plane machine offers; only its static pods run there. */
const CONTROL_PLANE_CAPACITY = { cpu: '4', memory: '16Gi', pods: 110 };
const FIRST_HOST = 10;
const NODE_NETWORK = [10, 0, 0, 0] as const;
/** Pod ranges are cut from 10.128.0.0/9, which leaves the service range 10.96.0.0/12 and the nodes' addresses alone. */
const POD_NETWORK_BASE = 10 * 2 ** 24 + 128 * 2 ** 16;
/** Kept free in each range: network, bridge and broadcast. */
const ADDRESSES_RESERVED = 3;
const RANGE_BITS_MIN = 8;

/** The machines of a new cluster: control planes first, each kind numbered from 1, all dealt over the zones in turn. */
export function nodeConfigs(topology: Topology): readonly NodeConfig[] {
  const { controlPlanes, workers, workerCapacity, zones, region = REGION_PRESET } = topology;
  const podsMax = Math.max(workerCapacity.pods, CONTROL_PLANE_CAPACITY.pods);
  const rangeBits = Math.max(RANGE_BITS_MIN, Math.ceil(Math.log2(podsMax + ADDRESSES_RESERVED)));
  const config = (role: NodeConfig['role'], number: number, position: number): NodeConfig => ({
    name: `${role}-${number}`,
    role,
    ip: nodeIp(position),
    podCidr: `${ipv4(POD_NETWORK_BASE + position * 2 ** rangeBits)}/${32 - rangeBits}`,
    zone: zones.length === 0 ? undefined : zones[(number - 1) % zones.length],
    region: zones.length === 0 ? undefined : region,
    isAdopted: false,
    capacity: role === 'worker' ? workerCapacity : CONTROL_PLANE_CAPACITY,
  });
  return [
    ...Array.from({ length: controlPlanes }, (_, index) => config('control-plane', index + 1, index)),
    ...Array.from({ length: workers }, (_, index) => config('worker', index + 1, controlPlanes + index)),
  ];
}

function nodeIp(position: number): string {
  const [a, b] = NODE_NETWORK;
  return ipv4(a * 2 ** 24 + b * 2 ** 16 + FIRST_HOST + position);
}

const ipv4 = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
