import { amountsOf, podRequests, type ResourceAmounts } from '../kinds/pod-requests.js';
import type { Container, Node, Pod } from '../machinery/api/core-v1.js';

/** What a container that asks for nothing is reckoned with when nodes are compared, as upstream has it. */
const UNASKED_MILLI_CPU = 100;
const UNASKED_MEMORY_BYTES = 200 * 1_024 * 1_024;

/** A pod as the scheduler reckons with it. */
export interface PodInfo {
  readonly pod: Pod;
  readonly requests: ResourceAmounts;
  /** CPU and memory with stand-ins for what was not asked for; used to compare nodes, never to refuse one. */
  readonly comparable: ResourceAmounts;
  readonly hostPorts: readonly HostPort[];
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

const WILDCARD_IP = '0.0.0.0';

/** One node, the pods on it, and the sums over them, kept with every change. */
export class NodeInfo {
  readonly name: string;
  readonly #pods = new Map<string, PodInfo>();
  readonly #requested: Record<string, number> = {};
  readonly #comparable: Record<string, number> = {};
  #node: Node | undefined;
  #allocatable: ResourceAmounts = {};

  constructor(name: string) {
    this.name = name;
  }

  /** `undefined` where only pods of the node are known, not the node itself. */
  get node(): Node | undefined {
    return this.#node;
  }

  get allocatable(): ResourceAmounts {
    return this.#allocatable;
  }

  get requested(): ResourceAmounts {
    return this.#requested;
  }

  get comparable(): ResourceAmounts {
    return this.#comparable;
  }

  get podCount(): number {
    return this.#pods.size;
  }

  get pods(): Iterable<PodInfo> {
    return this.#pods.values();
  }

  setNode(node: Node | undefined): void {
    if (node?.status?.allocatable !== this.#node?.status?.allocatable) {
      this.#allocatable = amountsOf(node?.status?.allocatable ?? {});
    }
    this.#node = node;
  }

  addPod(info: PodInfo): void {
    const uid = info.pod.metadata.uid ?? '';
    this.removePod(uid);
    this.#pods.set(uid, info);
    add(this.#requested, info.requests, 1);
    add(this.#comparable, info.comparable, 1);
  }

  removePod(uid: string): boolean {
    const info = this.#pods.get(uid);
    if (info === undefined) return false;
    this.#pods.delete(uid);
    add(this.#requested, info.requests, -1);
    add(this.#comparable, info.comparable, -1);
    return true;
  }

  /** Whether one of the ports is taken by a pod on this node: equal port and protocol, at the same or at every address. */
  hasPortConflict(wanted: readonly HostPort[]): boolean {
    if (wanted.length === 0) return false;
    for (const { hostPorts } of this.#pods.values()) {
      if (hostPorts.some((taken) => wanted.some((each) => conflicts(taken, each)))) return true;
    }
    return false;
  }
}

export function podInfo(pod: Pod): PodInfo {
  const requests = podRequests(pod);
  return { pod, requests, comparable: comparableRequests(pod, requests), hostPorts: hostPortsOf(pod) };
}

function comparableRequests({ spec }: Pod, requests: ResourceAmounts): ResourceAmounts {
  const missing = (resource: string): number =>
    spec.containers.filter((container) => container.resources?.requests?.[resource] === undefined).length;
  return {
    cpu: (requests['cpu'] ?? 0) + missing('cpu') * UNASKED_MILLI_CPU,
    memory: (requests['memory'] ?? 0) + missing('memory') * UNASKED_MEMORY_BYTES,
  };
}

function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars].flatMap(portsOf);
}

const portsOf = ({ ports = [] }: Container): readonly HostPort[] =>
  ports.flatMap(({ hostPort = 0, hostIP = '', protocol = 'TCP' }) =>
    hostPort > 0 ? [{ ip: hostIP === '' ? WILDCARD_IP : hostIP, protocol, port: hostPort }] : [],
  );

const conflicts = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === WILDCARD_IP || b.ip === WILDCARD_IP);

function add(total: Record<string, number>, amounts: ResourceAmounts, sign: 1 | -1): void {
  for (const name in amounts) total[name] = (total[name] ?? 0) + sign * (amounts[name] ?? 0);
}
