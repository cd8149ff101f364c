import type { Client, ClientIdentity } from '../client/client.js';
import type { LatencyProfile } from '../container-runtime/latency-profile.js';
import { assert } from '../kernel/assert.js';
import type { Simulation } from '../kernel/simulation.js';
import { node as nodeKind } from '../kinds/node.js';
import { Kubelet } from '../kubelet/kubelet.js';
import type { NodeConfig } from '../kubelet/node-config.js';
import { PodSource } from '../kubelet/pod-source.js';
import type { Node } from '../machinery/api/core-v1.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import { adoptedNodeConfig } from './adopted-node-config.js';
import type { KubeletPolicy, WorkerCapacity } from './cluster-spec.js';
import { kubeletIdentity } from './component-identities.js';
import { controlPlanePods } from './control-plane-pods.js';
import type { NodeDisks } from './node-disks.js';

/** As KWOK's users ask for a simulated node; the value says nothing. */
const ADOPT_ANNOTATION = 'kwok.x-k8s.io/node';
const KUBELET_STATE_PATH = 'kubelet';

export interface MachinesOptions {
  /** The machines that the cluster has from the start. */
  readonly configs: readonly NodeConfig[];
  readonly policy: KubeletPolicy;
  /** What a machine offers whose Node says nothing of it. */
  readonly workerCapacity: WorkerCapacity;
  readonly disks: NodeDisks;
  readonly latency: LatencyProfile;
  readonly text: TextCodec;
  readonly simulation: Simulation;
  clientOf(identity: ClientIdentity): Client;
}

/**
 * The machines of a cluster, each with its kubelet: its own ones, which register their Nodes, and one for every Node that
 * a client made and wants a kubelet for. Such a machine comes with the Node, once that has a range for its pods, and goes
 * with it; which there are is read from the Nodes, so that a restart finds them again.
 */
export class Machines {
  readonly #options: MachinesOptions;
  readonly #kubelets = new Map<string, Kubelet>();
  /** The uids of the Nodes that were taken over, by name. */
  readonly #adopted = new Map<string, string>();
  #client: Client | undefined;
  #pods: PodSource | undefined;

  constructor(options: MachinesOptions) {
    this.#options = options;
  }

  start(): void {
    const { configs, clientOf, disks } = this.#options;
    const client = (this.#client = clientOf(kubeletIdentity('')));
    this.#pods = new PodSource(client);
    for (const config of configs) this.#add(config, this.#pods);
    for (const each of client.list(nodeKind)) this.#look(each);
    for (const nodeName of disks.nodeNames) {
      if (!this.#kubelets.has(nodeName) && client.get(nodeKind, nodeName) === undefined) disks.discard(nodeName);
    }
    client.watch(nodeKind, {
      added: (object) => this.#look(object),
      modified: (object) => this.#look(object),
      deleted: (object) => this.#remove(object),
    });
  }

  kubeletOf(nodeName: string): Kubelet | undefined {
    return this.#kubelets.get(nodeName);
  }

  stopKubelet(nodeName: string): void {
    this.#known(nodeName).stop();
    this.#options.disks.disk(nodeName).put(KUBELET_STATE_PATH, { state: 'stopped' });
  }

  startKubelet(nodeName: string): void {
    this.#options.disks.disk(nodeName).delete(KUBELET_STATE_PATH);
    this.#known(nodeName).start();
  }

  #look(object: Node): void {
    const { name, uid = '' } = object.metadata;
    const former = this.#adopted.get(name);
    if (former === undefined && this.#kubelets.has(name)) return;
    if (former === uid) return this.#switch(object);
    // What is told here may be over: another Node of that name is told of later.
    const current = this.#client?.get(nodeKind, name);
    if (current?.metadata.uid !== uid || !this.#isWanted(current)) return;
    const config = adoptedNodeConfig(current, this.#options.workerCapacity);
    if (config === undefined || this.#pods === undefined) return;
    this.#adopted.set(name, uid);
    this.#add(config, this.#pods);
  }

  #isWanted({ metadata }: Node): boolean {
    return this.#options.policy === 'all' || metadata.annotations?.[ADOPT_ANNOTATION] !== undefined;
  }

  /** A Node may lose its kubelet and get it back, as when its machine is switched off and on. */
  #switch(object: Node): void {
    const { name } = object.metadata;
    const kubelet = this.#known(name);
    if (!this.#isWanted(object)) kubelet.stop();
    else if (!this.#isStopped(name)) kubelet.start();
  }

  #remove({ metadata: { name, uid } }: Node): void {
    if (this.#adopted.get(name) !== uid) return;
    this.#kubelets.get(name)?.remove();
    this.#kubelets.delete(name);
    this.#adopted.delete(name);
    this.#options.disks.discard(name);
  }

  #add(config: NodeConfig, pods: PodSource): void {
    const { simulation, disks, latency, text, clientOf } = this.#options;
    const disk = disks.disk(config.name);
    const kubelet = new Kubelet({
      config,
      simulation,
      client: clientOf(kubeletIdentity(config.name)),
      pods,
      disk,
      latency,
      text,
      staticPods: config.role === 'control-plane' ? controlPlanePods(config.name, config.ip) : [],
    });
    this.#kubelets.set(config.name, kubelet);
    if (!this.#isStopped(config.name)) kubelet.start();
  }

  /** Whether somebody has stopped it by name. */
  #isStopped(nodeName: string): boolean {
    return Array.from(this.#options.disks.disk(nodeName).entries(KUBELET_STATE_PATH)).length > 0;
  }

  #known(nodeName: string): Kubelet {
    const kubelet = this.#kubelets.get(nodeName);
    assert(kubelet !== undefined, `the cluster has no node ${nodeName}`);
    return kubelet;
  }
}
