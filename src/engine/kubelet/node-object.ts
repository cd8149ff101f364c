import { timestamp, type Instant } from '../kernel/clock.js';
import type { Random } from '../kernel/random.js';
import type { Node, NodeCondition, NodeStatus, NodeSystemInfo } from '../machinery/api/core-v1.js';
import type { NewObject } from '../machinery/resource-api.port.js';
import { RUNTIME_DESCRIPTION, SERVED_VERSION, type NodeConfig } from './node-config.js';

const CONTROL_PLANE_LABEL = 'node-role.kubernetes.io/control-plane';
const KUBELET_PORT = 10250;
const EPHEMERAL_STORAGE = '100Gi';
const UNKNOWN = 'Unknown';

/** The Node that a kubelet registers, with the labels of upstream's kubelet, kubeadm's for control planes, and the cloud's region and zone. */
export function nodeObject(config: NodeConfig, status: NodeStatus): NewObject<Node> {
  const { name, zone, region, role, podCidr } = config;
  const isControlPlane = role === 'control-plane';
  return {
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...(isControlPlane
          ? { [CONTROL_PLANE_LABEL]: '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
          : {}),
        ...(region === undefined ? {} : { 'topology.kubernetes.io/region': region }),
        ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }),
      },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: {
      podCIDR: podCidr,
      podCIDRs: [podCidr],
      ...(isControlPlane ? { taints: [{ key: CONTROL_PLANE_LABEL, effect: 'NoSchedule' }] } : {}),
    },
    status,
  };
}

/** What a healthy kubelet reports; transitions keep the time at which they happened. */
export function nodeStatus(
  config: NodeConfig,
  before: NodeStatus | undefined,
  at: Instant,
  random: Random,
): NodeStatus {
  const resources = resourcesOf(config);
  return {
    capacity: resources,
    allocatable: resources,
    conditions: HEALTHY.map((finding) => healthy(finding, before?.conditions ?? [], at)),
    addresses: [
      { type: 'InternalIP', address: config.ip },
      { type: 'Hostname', address: config.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: KUBELET_PORT } },
    nodeInfo: before?.nodeInfo ?? systemInfo(random),
  };
}

/**
 * What the kubelet of a Node that a client made reports. A Node that is said to be ready is as its maker wants it, and
 * stays so, as KWOK leaves it; of others all that was said stays, the pressures too, and what was left open is filled in.
 */
export function adoptedNodeStatus(
  config: NodeConfig,
  before: NodeStatus | undefined,
  at: Instant,
  random: Random,
): NodeStatus {
  if (before?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true) return before;
  const capacity = before?.capacity ?? resourcesOf(config);
  const conditions = before?.conditions ?? [];
  const stays = ({ type, status }: NodeCondition): boolean => type !== 'Ready' && status !== UNKNOWN;
  const own = conditions.filter((each) => stays(each) || !HEALTHY.some(({ type }) => type === each.type));
  const healed = HEALTHY.filter(({ type }) => !own.some((each) => each.type === type));
  return {
    ...before,
    capacity,
    allocatable: before?.allocatable ?? capacity,
    conditions: own.concat(healed.map((finding) => healthy(finding, conditions, at))),
    addresses: before?.addresses ?? [
      { type: 'InternalIP', address: config.ip },
      { type: 'Hostname', address: config.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: before?.daemonEndpoints?.kubeletEndpoint?.Port || KUBELET_PORT } },
    nodeInfo: { ...systemInfo(random), ...said(before?.nodeInfo) },
  };
}

/** Without the empty texts that the API server fills in. */
const said = (info: Partial<NodeSystemInfo> = {}): Partial<NodeSystemInfo> =>
  Object.fromEntries(Object.entries(info).filter(([, value]) => value !== ''));

function resourcesOf({ capacity: { cpu, memory, pods } }: NodeConfig): Readonly<Record<string, string>> {
  return {
    cpu,
    'ephemeral-storage': EPHEMERAL_STORAGE,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory,
    pods: String(pods),
  };
}

const systemInfo = (random: Random): NodeSystemInfo => ({
  machineID: random.uuid().replaceAll('-', ''),
  systemUUID: random.uuid(),
  bootID: random.uuid(),
  kernelVersion: '6.1.0-simulated',
  osImage: 'Flotilla Simulated Linux',
  containerRuntimeVersion: RUNTIME_DESCRIPTION,
  kubeletVersion: SERVED_VERSION,
  kubeProxyVersion: '',
  operatingSystem: 'linux',
  architecture: 'amd64',
});

type Finding = Pick<NodeCondition, 'type' | 'status'> & { readonly reason: string; readonly message: string };

const HEALTHY: readonly Finding[] = [
  {
    type: 'MemoryPressure',
    status: 'False',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
  },
  {
    type: 'DiskPressure',
    status: 'False',
    reason: 'KubeletHasNoDiskPressure',
    message: 'kubelet has no disk pressure',
  },
  {
    type: 'PIDPressure',
    status: 'False',
    reason: 'KubeletHasSufficientPID',
    message: 'kubelet has sufficient PID available',
  },
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
];

function healthy(finding: Finding, before: readonly NodeCondition[], at: Instant): NodeCondition {
  const known = before.find(({ type }) => type === finding.type);
  const { type, status, reason, message } = finding;
  return {
    type,
    status,
    lastHeartbeatTime: timestamp(at),
    lastTransitionTime: known?.status === status && known.lastTransitionTime ? known.lastTransitionTime : timestamp(at),
    reason,
    message,
  };
}
