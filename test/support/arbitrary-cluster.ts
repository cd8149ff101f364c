import type { Random } from '../../src/engine/kernel/random.js';
import type {
  Affinity,
  Container,
  Node,
  Pod,
  PodAffinityTerm,
  Taint,
  Toleration,
  TopologySpreadConstraint,
} from '../../src/engine/machinery/api/core-v1.js';
import { nodeOf, podOf } from './scheduling-world.js';

const ZONES = ['a', 'b', 'c'];
const APPS = ['web', 'db', 'batch'];
const NAMESPACES = ['one', 'two'];
const GIBIBYTE = 1_024 * 1_024 * 1_024;

export const NAMESPACE_LABELS = { one: { team: 'x' }, two: { team: 'y' } };

/** Small worlds in which everything happens: few names, so that pods and nodes have to do with each other. */
export class ArbitraryCluster {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  count(below: number): number {
    return this.#random.below(below);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.#random.below(choices.length)]!;
  }

  isLucky(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  node(name: string): Node {
    const labels = {
      ...(this.isLucky(85) ? { 'topology.kubernetes.io/zone': this.pick(ZONES) } : {}),
      ...(this.isLucky(50) ? { disk: this.pick(['ssd', 'hdd']) } : {}),
    };
    const taints: Taint[] = this.isLucky(30)
      ? [
          {
            key: this.pick(['k', 'l']),
            value: this.pick(['', 'v']),
            effect: this.pick(['NoSchedule', 'NoExecute', 'PreferNoSchedule']),
          },
        ]
      : [];
    return nodeOf(name, {
      labels,
      spec: { ...(taints.length === 0 ? {} : { taints }), ...(this.isLucky(10) ? { unschedulable: true } : {}) },
      allocatable: {
        cpu: String(1 + this.count(4)),
        memory: String((1 + this.count(4)) * GIBIBYTE),
        pods: String(1 + this.count(6)),
        ...(this.isLucky(20) ? { 'example.com/gpu': String(this.count(3)) } : {}),
      },
    });
  }

  pod(name: string): Pod {
    const containers: Container[] = [this.#container('app'), ...(this.isLucky(20) ? [this.#container('side')] : [])];
    const pod = podOf(name, {
      namespace: this.pick(NAMESPACES),
      labels: { app: this.pick(APPS), ...(this.isLucky(30) ? { tier: this.pick(['front', 'back']) } : {}) },
      spec: {
        containers,
        ...(this.isLucky(20) ? { nodeSelector: { disk: this.pick(['ssd', 'hdd']) } } : {}),
        ...(this.isLucky(40) ? { tolerations: [this.#toleration()] } : {}),
        ...(this.isLucky(40) ? { topologySpreadConstraints: this.#some(2, () => this.#constraint()) } : {}),
        affinity: this.#affinity(),
      },
    });
    return this.isLucky(5) ? { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } } : pod;
  }

  #container(name: string): Container {
    const requests = {
      ...(this.isLucky(80) ? { cpu: `${this.count(8) * 250}m` } : {}),
      ...(this.isLucky(60) ? { memory: String(this.count(3) * GIBIBYTE) } : {}),
      ...(this.isLucky(5) ? { 'example.com/gpu': '1' } : {}),
    };
    const hostPort = 8_000 + this.count(2);
    const hostIP = this.pick(['', '10.0.0.1']);
    return {
      name,
      resources: { requests },
      ...(this.isLucky(15) ? { ports: [{ containerPort: 80, hostPort, ...(hostIP === '' ? {} : { hostIP }) }] } : {}),
    };
  }

  #toleration(): Toleration {
    return {
      ...(this.isLucky(80) ? { key: this.pick(['k', 'l', 'node.kubernetes.io/unschedulable']) } : {}),
      operator: 'Exists',
      ...(this.isLucky(30) ? { effect: this.pick(['NoSchedule', 'PreferNoSchedule']) } : {}),
    };
  }

  #affinity(): Affinity {
    const weighted = () => ({ weight: 1 + this.count(100), podAffinityTerm: this.#term() });
    const key = this.pick(['disk', 'topology.kubernetes.io/zone']);
    const requirement = this.pick([
      { key, operator: 'In', values: ['ssd', 'a', 'b'] },
      { key, operator: 'NotIn', values: ['ssd', 'a'] },
      { key, operator: 'Exists' },
      { key, operator: 'DoesNotExist' },
    ]);
    const term = { matchExpressions: [requirement] };
    return {
      ...(this.isLucky(20)
        ? {
            nodeAffinity: {
              ...(this.isLucky(50)
                ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } }
                : {
                    preferredDuringSchedulingIgnoredDuringExecution: [
                      { weight: 1 + this.count(100), preference: term },
                    ],
                  }),
            },
          }
        : {}),
      ...(this.isLucky(30)
        ? {
            podAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: this.isLucky(50) ? this.#some(2, () => this.#term()) : [],
              preferredDuringSchedulingIgnoredDuringExecution: this.#some(2, weighted),
            },
          }
        : {}),
      ...(this.isLucky(30)
        ? {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: this.isLucky(50) ? this.#some(2, () => this.#term()) : [],
              preferredDuringSchedulingIgnoredDuringExecution: this.#some(2, weighted),
            },
          }
        : {}),
    };
  }

  #term(): PodAffinityTerm {
    return {
      topologyKey: this.pick(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']),
      labelSelector: this.pick([
        { matchLabels: { app: this.pick(APPS) } },
        { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
        { matchExpressions: [{ key: 'app', operator: 'NotIn', values: [this.pick(APPS)] }] },
      ]),
      ...(this.isLucky(20) ? { namespaces: [this.pick(NAMESPACES)] } : {}),
      ...(this.isLucky(20) ? { namespaceSelector: this.pick([{}, { matchLabels: { team: 'y' } }]) } : {}),
    };
  }

  #constraint(): TopologySpreadConstraint {
    return {
      topologyKey: this.pick(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']),
      maxSkew: 1 + this.count(2),
      whenUnsatisfiable: this.pick(['DoNotSchedule', 'ScheduleAnyway']),
      labelSelector: this.pick([
        { matchLabels: { app: this.pick(APPS) } },
        { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
      ]),
      ...(this.isLucky(20) ? { minDomains: 1 + this.count(4) } : {}),
      ...(this.isLucky(20) ? { nodeAffinityPolicy: 'Ignore' } : {}),
      ...(this.isLucky(20) ? { nodeTaintsPolicy: 'Honor' } : {}),
    };
  }

  #some<T>(max: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.count(max) }, make);
  }
}
