import type {
  Affinity,
  Container,
  Node,
  Pod,
  PodAffinityTerm,
  Taint,
  Toleration,
  NodeSelectorTerm,
  Service,
  TopologySpreadConstraint,
} from '../../src/engine/machinery/api/core-v1.js';
import type { PodDisruptionBudget } from '../../src/engine/machinery/api/policy-v1.js';
import type { ArbitraryChoice } from './arbitrary-choice.js';
import { volumesFor } from './arbitrary-storage.js';
import { nodeOf, podOf } from './scheduling-world.js';

const ZONES = ['a', 'b', 'c'];
const APPS = ['web', 'db', 'batch'];
const NAMESPACES = ['one', 'two'];
const MEBIBYTE = 1_024 * 1_024;
const GIBIBYTE = 1_024 * MEBIBYTE;
const NODE_NAMES = ['n0', 'n1', 'n2', 'n3'];
const IMAGES = [
  { name: 'web:1', asked: 'web:1', sizeBytes: 20 * MEBIBYTE },
  { name: 'db:latest', asked: 'db', sizeBytes: 400 * MEBIBYTE },
  { name: 'registry.example:5000/batch:latest', asked: 'registry.example:5000/batch', sizeBytes: 3_000 * MEBIBYTE },
];

export const NAMESPACE_LABELS = { one: { team: 'x' }, two: { team: 'y' } };

/** Small worlds in which everything happens: few names, so that pods and nodes have to do with each other. */
export class ArbitraryCluster {
  readonly #choice: ArbitraryChoice;

  constructor(choice: ArbitraryChoice) {
    this.#choice = choice;
  }

  services(): readonly Service[] {
    return NAMESPACES.filter(() => this.#choice.isLucky(40)).map((namespace) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'service', namespace },
      spec: { selector: { app: this.#choice.pick(APPS) } },
    }));
  }

  budgets(): readonly PodDisruptionBudget[] {
    return ['a', 'b', 'c'].map((name) => ({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace: this.#choice.pick(NAMESPACES) },
      spec: { selector: { matchLabels: { app: this.#choice.pick(APPS) } } },
      status: { disruptionsAllowed: this.#choice.count(2), currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
    }));
  }

  node(name: string): Node {
    const labels = {
      ...(this.#choice.isLucky(85) ? { 'topology.kubernetes.io/zone': this.#choice.pick(ZONES) } : {}),
      ...(this.#choice.isLucky(50) ? { disk: this.#choice.pick(['ssd', 'hdd']) } : {}),
      ...(this.#choice.isLucky(50) ? { cores: this.#choice.pick(['4', '8', '16']) } : {}),
      ...(this.#choice.isLucky(10) ? { 'failure-domain.beta.kubernetes.io/zone': this.#choice.pick(ZONES) } : {}),
      ...(this.#choice.isLucky(10) ? { 'topology.kubernetes.io/region': 'r' } : {}),
    };
    const taints: Taint[] = this.#choice.isLucky(30)
      ? [
          {
            key: this.#choice.pick(['k', 'l']),
            value: this.#choice.pick(['', 'v']),
            effect: this.#choice.pick(['NoSchedule', 'NoExecute', 'PreferNoSchedule']),
          },
        ]
      : [];
    return nodeOf(name, {
      labels,
      spec: {
        ...(taints.length === 0 ? {} : { taints }),
        ...(this.#choice.isLucky(10) ? { unschedulable: true } : {}),
      },
      allocatable: {
        cpu: String(1 + this.#choice.count(4)),
        memory: String((1 + this.#choice.count(4)) * GIBIBYTE),
        pods: String(1 + this.#choice.count(6)),
        ...(this.#choice.isLucky(50) ? { 'ephemeral-storage': String(this.#choice.count(4) * GIBIBYTE) } : {}),
        ...(this.#choice.isLucky(40) ? { 'example.com/gpu': String(1 + this.#choice.count(2)) } : {}),
      },
      images: IMAGES.filter(() => this.#choice.isLucky(40)).map(({ name: image, sizeBytes }) => ({
        names: [image],
        sizeBytes,
      })),
    });
  }

  /** A pod that waits for a node, which now and then it names itself, or that has a gate. */
  waitingPod(name: string): Pod {
    const pod = this.pod(name);
    const spec = {
      ...pod.spec,
      ...(this.#choice.isLucky(8) ? { preemptionPolicy: 'Never' } : {}),
      ...(this.#choice.isLucky(15) ? { nodeName: this.#choice.pick(NODE_NAMES) } : {}),
      ...(this.#choice.isLucky(10)
        ? { schedulingGates: this.#some(2, () => ({ name: `gate-${this.#choice.count(9)}` })) }
        : {}),
    };
    return { ...pod, spec };
  }

  pod(name: string): Pod {
    const containers = [this.#container('app'), ...(this.#choice.isLucky(20) ? [this.#container('side')] : [])];
    const initContainers = this.#choice.isLucky(25) ? this.#some(2, () => this.#initContainer()) : [];
    const pod = podOf(name, {
      namespace: this.#choice.pick(NAMESPACES),
      labels: {
        app: this.#choice.pick(APPS),
        ...(this.#choice.isLucky(30) ? { tier: this.#choice.pick(['front', 'back']) } : {}),
      },
      spec: {
        priority: this.#choice.pick([0, 0, 10, 20, 30]),
        containers,
        ...(initContainers.length === 0 ? {} : { initContainers }),
        ...(this.#choice.isLucky(10) ? { overhead: { cpu: '250m' } } : {}),
        ...(this.#choice.isLucky(10) ? { resources: { requests: { cpu: `${1 + this.#choice.count(3)}` } } } : {}),
        ...(this.#choice.isLucky(20) ? { nodeSelector: { disk: this.#choice.pick(['ssd', 'hdd']) } } : {}),
        ...(this.#choice.isLucky(40) ? { tolerations: [this.#toleration()] } : {}),
        ...(this.#choice.isLucky(40) ? { topologySpreadConstraints: this.#some(2, () => this.#constraint()) } : {}),
        ...(this.#choice.isLucky(60) ? { volumes: volumesFor(this.#choice) } : {}),
        affinity: this.#affinity(),
      },
    });
    return this.#choice.isLucky(5)
      ? { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
      : pod;
  }

  #initContainer(): Container {
    const container = this.#container(`init-${this.#choice.count(9)}`);
    return this.#choice.isLucky(50) ? { ...container, restartPolicy: 'Always' } : container;
  }

  #container(name: string): Container {
    const requests = {
      ...(this.#choice.isLucky(80) ? { cpu: `${this.#choice.count(8) * 250}m` } : {}),
      ...(this.#choice.isLucky(60) ? { memory: String(this.#choice.count(3) * GIBIBYTE) } : {}),
      ...(this.#choice.isLucky(15) ? { 'ephemeral-storage': String(this.#choice.count(3) * GIBIBYTE) } : {}),
      ...(this.#choice.isLucky(15) ? { 'example.com/gpu': '1' } : {}),
    };
    const hostPort = 8_000 + this.#choice.count(2);
    const hostIP = this.#choice.pick(['', '0.0.0.0', '10.0.0.1', '10.0.0.2']);
    return {
      name,
      image: this.#choice.pick([...IMAGES.map(({ asked }) => asked), 'unknown']),
      resources: { requests },
      ...(this.#choice.isLucky(15)
        ? { ports: [{ containerPort: 80, hostPort, ...(hostIP === '' ? {} : { hostIP }) }] }
        : {}),
    };
  }

  #toleration(): Toleration {
    return {
      ...(this.#choice.isLucky(80) ? { key: this.#choice.pick(['k', 'l', 'node.kubernetes.io/unschedulable']) } : {}),
      operator: 'Exists',
      ...(this.#choice.isLucky(30) ? { effect: this.#choice.pick(['NoSchedule', 'PreferNoSchedule']) } : {}),
    };
  }

  #affinity(): Affinity {
    const weighted = () => ({ weight: 1 + this.#choice.count(100), podAffinityTerm: this.#term() });
    return {
      ...(this.#choice.isLucky(25)
        ? {
            nodeAffinity: {
              ...(this.#choice.isLucky(50)
                ? {
                    requiredDuringSchedulingIgnoredDuringExecution: {
                      nodeSelectorTerms: this.#some(2, () => this.#nodeTerm()),
                    },
                  }
                : {
                    preferredDuringSchedulingIgnoredDuringExecution: this.#some(2, () => ({
                      weight: 1 + this.#choice.count(100),
                      preference: this.#nodeTerm(),
                    })),
                  }),
            },
          }
        : {}),
      ...(this.#choice.isLucky(30)
        ? {
            podAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: this.#choice.isLucky(50)
                ? this.#some(2, () => this.#term())
                : [],
              preferredDuringSchedulingIgnoredDuringExecution: this.#some(2, weighted),
            },
          }
        : {}),
      ...(this.#choice.isLucky(30)
        ? {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: this.#choice.isLucky(50)
                ? this.#some(2, () => this.#term())
                : [],
              preferredDuringSchedulingIgnoredDuringExecution: this.#some(2, weighted),
            },
          }
        : {}),
    };
  }

  #nodeTerm(): NodeSelectorTerm {
    const key = this.#choice.pick(['disk', 'topology.kubernetes.io/zone']);
    const requirement = this.#choice.pick([
      { key, operator: 'In', values: ['ssd', 'a', 'b'] },
      { key, operator: 'NotIn', values: ['ssd', 'a'] },
      { key, operator: 'Exists' },
      { key, operator: 'DoesNotExist' },
      { key: 'cores', operator: 'Gt', values: ['4'] },
      { key: 'cores', operator: 'Lt', values: ['16'] },
    ]);
    const field = () => ({
      key: 'metadata.name',
      operator: this.#choice.pick(['In', 'In', 'NotIn']),
      values: [this.#choice.pick(NODE_NAMES)],
    });
    return {
      ...(this.#choice.isLucky(75) ? { matchExpressions: [requirement] } : {}),
      ...(this.#choice.isLucky(40) ? { matchFields: this.#some(2, field) } : {}),
    };
  }

  #term(): PodAffinityTerm {
    return {
      topologyKey: this.#choice.pick(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']),
      labelSelector: this.#choice.pick([
        { matchLabels: { app: this.#choice.pick(APPS) } },
        { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
        { matchExpressions: [{ key: 'app', operator: 'NotIn', values: [this.#choice.pick(APPS)] }] },
      ]),
      ...(this.#choice.isLucky(20) ? { namespaces: [this.#choice.pick(NAMESPACES)] } : {}),
      ...(this.#choice.isLucky(20)
        ? { namespaceSelector: this.#choice.pick([{}, { matchLabels: { team: 'y' } }]) }
        : {}),
    };
  }

  #constraint(): TopologySpreadConstraint {
    return {
      topologyKey: this.#choice.pick(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']),
      maxSkew: 1 + this.#choice.count(2),
      whenUnsatisfiable: this.#choice.pick(['DoNotSchedule', 'ScheduleAnyway']),
      labelSelector: this.#choice.pick([
        { matchLabels: { app: this.#choice.pick(APPS) } },
        { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
        {},
      ]),
      ...(this.#choice.isLucky(20) ? { matchLabelKeys: ['tier'] } : {}),
      ...(this.#choice.isLucky(20) ? { minDomains: 1 + this.#choice.count(4) } : {}),
      ...(this.#choice.isLucky(20) ? { nodeAffinityPolicy: 'Ignore' } : {}),
      ...(this.#choice.isLucky(20) ? { nodeTaintsPolicy: 'Honor' } : {}),
    };
  }

  #some<T>(max: number, make: () => T): T[] {
    return Array.from({ length: 1 + this.#choice.count(max) }, make);
  }
}
