import { amountsOf, podRequests, type ResourceAmounts } from '../kinds/pod-requests.js';
import type { Node, Pod } from '../machinery/api/core-v1.js';
import type { Verdict } from './pod-status.js';

const AFFINITY_MESSAGE = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
const PORTS_MESSAGE = "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

interface Admitted {
  readonly requests: ResourceAmounts;
  readonly hostPorts: readonly string[];
}

/** What the pods on one node occupy: the kubelet's own account, behind the scheduler's. */
export class NodeAdmission {
  readonly #admitted = new Map<string, Admitted>();
  readonly #used: Record<string, number> = {};

  /** Takes the pod into account, or says why this node does not take it. Static pods are always taken. */
  admit(podKey: string, pod: Pod, node: Node): Verdict | undefined {
    if (this.#admitted.has(podKey)) return undefined;
    const needs = { requests: podRequests(pod), hostPorts: hostPortsOf(pod) };
    const isStatic = pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined;
    const verdict = isStatic ? undefined : this.#verdictOn(pod, needs, node);
    if (verdict === undefined) this.#take(podKey, needs);
    return verdict;
  }

  /** Takes the pod into account without asking whether it fits: it runs already. */
  account(podKey: string, pod: Pod): void {
    if (this.#admitted.has(podKey)) return;
    this.#take(podKey, { requests: podRequests(pod), hostPorts: hostPortsOf(pod) });
  }

  #take(podKey: string, needs: Admitted): void {
    this.#admitted.set(podKey, needs);
    const { requests } = needs;
    for (const name in requests) this.#used[name] = (this.#used[name] ?? 0) + (requests[name] ?? 0);
  }

  release(podKey: string): void {
    const admitted = this.#admitted.get(podKey);
    if (admitted === undefined) return;
    this.#admitted.delete(podKey);
    const { requests } = admitted;
    for (const name in requests) this.#used[name] = (this.#used[name] ?? 0) - (requests[name] ?? 0);
  }

  #verdictOn(pod: Pod, { requests, hostPorts }: Admitted, node: Node): Verdict | undefined {
    const allocatable = amountsOf(node.status?.allocatable ?? {});
    const podsMax = allocatable['pods'] ?? 0;
    if (this.#admitted.size + 1 > podsMax) return outOf('pods', 1, this.#admitted.size, podsMax);
    for (const name in requests) {
      const requested = requests[name] ?? 0;
      const used = this.#used[name] ?? 0;
      const capacity = allocatable[name] ?? 0;
      if (requested > 0 && used + requested > capacity) return outOf(name, requested, used, capacity);
    }
    const { labels = {} } = node.metadata;
    const isSelected = Object.entries(pod.spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
    if (!isSelected) return failed('NodeAffinity', AFFINITY_MESSAGE);
    if (hostPorts.length > 0) {
      const taken = new Set(Array.from(this.#admitted.values(), (each) => each.hostPorts).flat());
      if (hostPorts.some((port) => taken.has(port))) return failed('NodePorts', PORTS_MESSAGE);
    }
    return undefined;
  }
}

function hostPortsOf({ spec }: Pod): readonly string[] {
  const ports: string[] = [];
  for (const container of spec.containers) {
    for (const { hostPort = 0, hostIP = '0.0.0.0', protocol = 'TCP' } of container.ports ?? []) {
      if (hostPort > 0) ports.push(`${protocol} ${hostIP === '' ? '0.0.0.0' : hostIP} ${hostPort}`);
    }
  }
  return ports;
}

const failed = (reason: string, message: string): Verdict => ({ phase: 'Failed', reason, message });

const outOf = (resource: string, requested: number, used: number, capacity: number): Verdict =>
  failed(
    `OutOf${resource}`,
    `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  );
