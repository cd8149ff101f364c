import { Client } from '../../src/engine/client/client.js';
import { instant, microTimestamp, milliseconds, seconds, timestamp } from '../../src/engine/kernel/clock.js';
import { deployment } from '../../src/engine/kinds/deployment.js';
import { event } from '../../src/engine/kinds/event.js';
import { lease } from '../../src/engine/kinds/lease.js';
import { namespace } from '../../src/engine/kinds/namespace.js';
import { node } from '../../src/engine/kinds/node.js';
import { podsByNode } from '../../src/engine/kinds/pod-indexes.js';
import { pod } from '../../src/engine/kinds/pod.js';
import { replicaSet } from '../../src/engine/kinds/replica-set.js';
import { ControllerManager } from '../../src/engine/kube-controller-manager/controller-manager.js';
import type { PodMetrics } from '../../src/engine/kube-controller-manager/pod-metrics.port.js';
import type { Credentials } from '../../src/engine/kube-controller-manager/credentials.port.js';
import type { Deployment, ReplicaSet } from '../../src/engine/machinery/api/apps-v1.js';
import type { Node, Pod } from '../../src/engine/machinery/api/core-v1.js';
import { keyOf } from '../../src/engine/machinery/object.js';
import { clusterAdministrator } from '../../src/engine/machinery/user.js';
import { createApiHarness, type Json } from './engine-harness.js';

const PROPAGATION = milliseconds(1);
const RENEW_INTERVAL_MS = 10_000;

export interface ControllerWorldOptions {
  readonly nodes?: readonly string[];
  /** Whether a pod gets ready; all do unless told otherwise. */
  readonly getsReady?: (object: Pod) => boolean;
  /** What pods use; without it there is no metrics API. */
  readonly podMetrics?: PodMetrics;
  /** Whether a pod that is meant for one node by its affinity gets onto that one. */
  readonly followsAffinity?: boolean;
  /** Unless given, nobody makes any. */
  readonly credentials?: Credentials;
}

/** An API server with all controllers, and machines that only pretend: pods get a node and run a second later. */
export class ControllerWorld {
  readonly harness = createApiHarness();
  readonly client: Client;
  readonly manager: ControllerManager;
  readonly errors: string[] = [];
  readonly #alive = new Set<string>();
  readonly #getsReady: (object: Pod) => boolean;
  readonly #followsAffinity: boolean;
  #addresses = 0;

  constructor(options: ControllerWorldOptions = {}) {
    const { nodes = ['worker-1', 'worker-2'], getsReady = () => true, followsAffinity = false, credentials } = options;
    const { loop, server } = this.harness;
    this.#getsReady = getsReady;
    this.#followsAffinity = followsAffinity;
    this.client = new Client({
      api: server.resources,
      simulation: loop,
      propagation: PROPAGATION,
      user: clusterAdministrator,
      fieldManager: 'test',
      onError: (error) => void this.errors.push(error.message),
    });
    for (const name of ['kube-system', 'kube-node-lease'])
      this.client.create(namespace, undefined, { metadata: { name }, spec: {} });
    for (const name of nodes) this.addNode(name);
    this.client.watch(pod, {
      added: (object) => this.#soon(object),
      modified: (object, previous) => {
        if (object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp) this.#soon(object);
      },
    });
    const heartbeats = { nodeHeartbeat: (name: string) => (this.#alive.has(name) ? loop.now : undefined) };
    const caCertificate = 'CERTIFICATE';
    this.manager = new ControllerManager({
      client: this.client,
      heartbeats,
      caCertificate,
      credentials,
      ...(options.podMetrics === undefined ? {} : { podMetrics: options.podMetrics }),
    });
    this.manager.start();
    this.run(1);
  }

  run(count: number): void {
    const { loop } = this.harness;
    loop.run(instant(loop.now + count * 1_000), () => true);
  }

  addNode(name: string, labels: Readonly<Record<string, string>> = {}): void {
    const now = timestamp(this.harness.loop.now);
    const renewTime = microTimestamp(this.harness.loop.now);
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now };
    this.client.create(node, undefined, { metadata: { name, labels }, spec: {}, status: { conditions: [ready] } });
    this.client.create(lease, 'kube-node-lease', { metadata: { name }, spec: { holderIdentity: name, renewTime } });
    this.#alive.add(name);
  }

  /** The kubelet's last renewal is written, and nothing comes after it. */
  stopKubelet(name: string): void {
    this.#alive.delete(name);
    const renewed = this.harness.loop.now - (this.harness.loop.now % RENEW_INTERVAL_MS);
    this.client.patch(lease, `kube-node-lease/${name}`, { spec: { renewTime: microTimestamp(instant(renewed)) } });
  }

  startKubelet(name: string): void {
    this.#alive.add(name);
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      lastHeartbeatTime: timestamp(this.harness.loop.now),
    };
    this.client.patchStatus(node, name, { status: { conditions: [ready] } });
    for (const object of this.client.list(pod)) if (object.spec.nodeName === name) this.#live(object);
  }

  deploy(name: string, spec: Json = {}): void {
    const { container = {}, labels = {}, ...rest } = spec;
    const all = { app: name, ...labels };
    const containers = [
      { name: 'app', image: 'registry.example/app:1', ports: [{ name: 'http', containerPort: 8080 }], ...container },
    ];
    this.client.create(deployment, 'default', {
      metadata: { name },
      spec: {
        selector: { matchLabels: { app: name } },
        template: { metadata: { name: '', labels: all }, spec: { containers } },
        ...rest,
      },
    });
  }

  patchDeployment(name: string, spec: Json): void {
    this.client.patch(deployment, `default/${name}`, { spec });
  }

  setImage(name: string, image: string): void {
    const containers = this.deployment(name).spec.template.spec?.containers ?? [];
    this.patchDeployment(name, { template: { spec: { containers: containers.map((each) => ({ ...each, image })) } } });
  }

  deployment(name: string): Deployment {
    const found = this.client.get(deployment, `default/${name}`);
    if (found === undefined) throw new Error(`no deployment ${name}`);
    return found;
  }

  condition(name: string, type: string): string | undefined {
    const found = this.deployment(name).status?.conditions?.find((each) => each.type === type);
    return found === undefined ? undefined : `${found.status} ${found.reason ?? ''}: ${found.message ?? ''}`;
  }

  sets(): readonly ReplicaSet[] {
    return this.client.list(replicaSet, 'default');
  }

  pods(namespace = 'default'): readonly Pod[] {
    return this.client.list(pod, namespace);
  }

  node(name: string): Node {
    const found = this.client.get(node, name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  }

  /** What was said of an object, in the order in which it was said. */
  said(name: string): readonly string[] {
    return this.client
      .list(event)
      .filter(({ involvedObject }) => involvedObject.name === name)
      .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ reason, message }) => `${reason ?? ''}: ${message ?? ''}`);
  }

  #soon(object: Pod): void {
    const { loop } = this.harness;
    loop.after(seconds(1), () => this.#live(object));
  }

  #live({ metadata }: Pod): void {
    const object = this.client.get(pod, `${metadata.namespace ?? ''}/${metadata.name}`);
    if (object === undefined || object.metadata.uid !== metadata.uid) return;
    const nodeName = object.spec.nodeName ?? (this.#followsAffinity ? targetOf(object) : undefined) ?? this.#place();
    if (nodeName === undefined || !this.#alive.has(nodeName)) return;
    if (object.metadata.deletionTimestamp !== undefined) {
      this.client.delete(pod, object, { gracePeriodSeconds: 0 });
      return;
    }
    if (object.spec.nodeName === undefined) {
      const target = { apiVersion: 'v1', kind: 'Node', name: nodeName };
      const binding = { metadata: { name: object.metadata.name }, target };
      this.client.post(pod, { key: keyOf(object), subresource: 'binding' }, binding);
    }
    const ready = this.#getsReady(object) ? 'True' : 'False';
    const time = timestamp(this.harness.loop.now);
    const ip = object.status?.podIP ?? this.#nextAddress();
    const conditions = [{ type: 'Ready', status: ready, lastProbeTime: null, lastTransitionTime: time }];
    this.client.patchStatus(pod, keyOf(object), {
      status: {
        phase: 'Running',
        startTime: object.status?.startTime ?? time,
        podIP: ip,
        podIPs: [{ ip }],
        conditions,
      },
    });
  }

  #nextAddress(): string {
    const number = ++this.#addresses;
    return `10.244.${number >> 8}.${number & 255}`;
  }

  /** The emptiest living node without a taint. */
  #place(): string | undefined {
    const free = this.client
      .list(node)
      .filter(({ metadata, spec }) => this.#alive.has(metadata.name) && (spec.taints?.length ?? 0) === 0);
    const load = (name: string): number => this.client.indexed(pod, podsByNode, name).length;
    return free.toSorted((a, b) => load(a.metadata.name) - load(b.metadata.name))[0]?.metadata.name;
  }
}

const targetOf = ({ spec }: Pod): string | undefined =>
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields?.[0]
    ?.values?.[0];
