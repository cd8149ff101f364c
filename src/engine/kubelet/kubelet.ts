// Mirrors the kubelet: registers its node, leads the pods bound to it, reports their status, keeps the node's Lease.
// Heartbeats of a healthy kubelet are derived by whoever reads them and not written; probes of a simulated process
// have a known outcome and are not polled. Projected volumes are made
// for whoever looks into them. It leaves out other mounts, evictions under pressure, device and CPU managers.
import type { Client } from '../client/client.js';
import type { Component } from '../client/component.js';
import { EventRecorder } from '../client/event-recorder.js';
import { ContainerRuntime, type Container } from '../container-runtime/container-runtime.js';
import type { LatencyProfile } from '../container-runtime/latency-profile.js';
import type { Mount } from '../container-runtime/mount.port.js';
import type { NodeDisk } from '../container-runtime/node-disk.port.js';
import type { Sandbox } from '../container-runtime/sandbox.js';
import { instant, microTimestamp, seconds, timestamp, type Instant } from '../kernel/clock.js';
import type { Simulation, Timer } from '../kernel/simulation.js';
import { event } from '../kinds/event.js';
import { lease } from '../kinds/lease.js';
import { node as nodeKind } from '../kinds/node.js';
import { pod as podKind } from '../kinds/pod.js';
import type { Node, Pod } from '../machinery/api/core-v1.js';
import { keyOf } from '../machinery/object.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import { NodeAdmission } from './node-admission.js';
import { RUNTIME_NAME, type NodeConfig } from './node-config.js';
import { adoptedNodeStatus, nodeObject, nodeStatus } from './node-object.js';
import { PodAddresses } from './pod-addresses.js';
import type { PodSource } from './pod-source.js';
import { PodTokens } from './pod-tokens.js';
import { PodWorker } from './pod-worker.js';
import type { PodWorkerContext } from './pod-worker-context.js';
import { ProjectedVolumes } from './projected-volumes.js';
import { VolumeExpansion } from './volume-expansion.js';
import { isMirror, mirrorName, mirrorPod, podKeyOf, type StaticPod } from './static-pod.js';

export const NODE_LEASE_NAMESPACE = 'kube-node-lease';
const LEASE_DURATION_SECONDS = 40;
/** A kubelet renews its Lease this often, so a derived renewal is a multiple of it after the start. */
const RENEW_INTERVAL_MS = 10_000;
const REGISTER_RETRY_AFTER = seconds(1);

export interface KubeletOptions {
  readonly config: NodeConfig;
  readonly simulation: Simulation;
  readonly client: Client;
  readonly pods: PodSource;
  readonly disk: NodeDisk;
  readonly latency: LatencyProfile;
  readonly text: TextCodec;
  readonly staticPods: readonly StaticPod[];
}

export class Kubelet implements Component {
  readonly name: string;
  readonly #options: KubeletOptions;
  readonly #runtime: ContainerRuntime;
  readonly #workers = new Map<string, PodWorker>();
  readonly #recorder: EventRecorder;
  readonly #addresses: PodAddresses;
  readonly #expansion: VolumeExpansion;
  readonly #tokens: PodTokens;
  readonly #volumes: ProjectedVolumes;
  #admission = new NodeAdmission();
  #startedAt: Instant | undefined;
  #retry: Timer | undefined;

  constructor(options: KubeletOptions) {
    const { config, simulation, client, disk, latency, text } = options;
    this.#options = options;
    this.name = config.name;
    this.#recorder = new EventRecorder(client, event, { component: 'kubelet', host: config.name });
    this.#expansion = new VolumeExpansion({ simulation, client, recorder: this.#recorder, nodeName: config.name });
    this.#tokens = new PodTokens(client);
    this.#volumes = new ProjectedVolumes({ client, text, tokens: this.#tokens });
    this.#addresses = new PodAddresses(config.podCidr, config.ip);
    this.#runtime = new ContainerRuntime({
      simulation,
      random: simulation.random,
      disk,
      latency,
      text,
      onExit: (podKey) => this.#workers.get(podKey)?.sync(),
    });
    for (const { podKey, ip, isStopped } of this.#runtime.sandboxes) {
      if (isStopped !== true) this.#addresses.adopt(podKey, ip);
    }
  }

  get isRunning(): boolean {
    return this.#startedAt !== undefined;
  }

  /** When this kubelet last renewed its Lease and posted its heartbeat; `undefined` while it is stopped. */
  get lastHeartbeat(): Instant | undefined {
    const startedAt = this.#startedAt;
    if (startedAt === undefined) return undefined;
    const elapsed = this.#options.simulation.now - startedAt;
    return instant(startedAt + Math.floor(elapsed / RENEW_INTERVAL_MS) * RENEW_INTERVAL_MS);
  }

  start(): void {
    if (this.isRunning) return;
    const { simulation, pods, config } = this.#options;
    this.#startedAt = simulation.now;
    this.#admission = new NodeAdmission();
    this.#register();
    this.#renewLease(simulation.now);
    pods.subscribe(config.name, {
      changed: (each) => this.#changed(each),
      removed: (each) => this.#removed(each),
      volumeGrown: (each) => this.#expansion.look(each),
    });
    this.#mirrorStaticPods();
    this.#endOrphans();
  }

  /** The kubelet ends, as when its service is stopped: its containers run on, its last Lease renewal stays. */
  stop(): void {
    const last = this.lastHeartbeat;
    if (last === undefined) return;
    this.#halt();
    const known = this.#options.client.get(lease, `${NODE_LEASE_NAMESPACE}/${this.name}`);
    // A Lease that says the same is no news, and nobody would look at the node.
    this.#renewLease(known?.spec.renewTime === microTimestamp(last) ? instant(last + 1) : last);
  }

  /** The machine is gone: nothing that ran on it is left, and nobody renews its Lease any more. */
  remove(): void {
    if (this.isRunning) this.#halt();
    for (const { podKey } of Array.from(this.#runtime.sandboxes)) {
      this.#runtime.removePod(podKey);
      this.#addresses.release(podKey);
    }
  }

  /** The containers of that name in a pod on this node, oldest first; `undefined` where the pod is not here. */
  containersOf(pod: Pod, containerName: string): readonly Container[] {
    return this.#runtime.containersOf(podKeyOf(pod)).filter(({ name }) => name === containerName);
  }

  /** `undefined` where the pod is not here. */
  sandboxOf(pod: Pod): Sandbox | undefined {
    return this.#runtime.sandboxOf(podKeyOf(pod));
  }

  /** The volumes with contents that a container of a pod on this node mounts. */
  mountsOf(pod: Pod, containerName: string): readonly Mount[] {
    return this.#volumes.mountsOf(pod, containerName);
  }

  get runtime(): ContainerRuntime {
    return this.#runtime;
  }

  #halt(): void {
    this.#startedAt = undefined;
    this.#retry?.cancel();
    this.#options.pods.unsubscribe(this.name);
    for (const worker of this.#workers.values()) worker.halt();
    this.#workers.clear();
    this.#expansion.halt();
    this.#tokens.clear();
  }

  #register(): void {
    const { client, config, simulation } = this.#options;
    const known = client.get(nodeKind, config.name);
    if (known === undefined && config.isAdopted) return;
    const statusOf = config.isAdopted ? adoptedNodeStatus : nodeStatus;
    const status = statusOf(config, known?.status, simulation.now, simulation.random);
    const retry = ({ error }: { readonly error?: unknown }): void => {
      if (error === undefined || !this.isRunning) return;
      this.#retry = simulation.after(REGISTER_RETRY_AFTER, () => this.#register());
    };
    if (known === undefined) client.create(nodeKind, undefined, nodeObject(config, status), retry);
    else if (status !== known.status) client.updateStatus(nodeKind, { ...known, status }, retry);
    this.#recordStart();
  }

  #recordStart(): void {
    const registered = this.#node;
    if (registered === undefined) return;
    this.#recorder.record(registered, 'Normal', 'Starting', 'Starting kubelet.');
  }

  get #node(): Node | undefined {
    return this.#options.client.get(nodeKind, this.name);
  }

  #renewLease(renewTime: Instant): void {
    const { client } = this.#options;
    const known = client.get(lease, `${NODE_LEASE_NAMESPACE}/${this.name}`);
    const spec = {
      holderIdentity: this.name,
      leaseDurationSeconds: LEASE_DURATION_SECONDS,
      renewTime: microTimestamp(renewTime),
    };
    if (known !== undefined) {
      client.update(lease, { ...known, spec });
      return;
    }
    const uid = this.#node?.metadata.uid;
    client.create(lease, NODE_LEASE_NAMESPACE, {
      metadata: {
        name: this.name,
        ...(uid === undefined ? {} : { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: this.name, uid }] }),
      },
      spec,
    });
  }

  #mirrorStaticPods(): void {
    const { client, staticPods, simulation } = this.#options;
    const registered = this.#node;
    if (registered === undefined) return;
    for (const file of staticPods) {
      if (client.get(podKind, `${file.namespace}/${mirrorName(file, this.name)}`) !== undefined) continue;
      client.create(podKind, file.namespace, mirrorPod(file, registered, timestamp(simulation.now)));
    }
  }

  #changed(pod: Pod): void {
    if (!this.isRunning) return;
    if (isMirror(pod) && pod.metadata.deletionTimestamp !== undefined) {
      // Only the mirror is deleted: the pod's file is still there, so it comes back while the containers run on.
      this.#options.client.delete(podKind, pod, { gracePeriodSeconds: 0 });
      return;
    }
    const key = podKeyOf(pod);
    const worker = this.#workers.get(key) ?? this.#newWorker(key, pod);
    worker.update(pod);
    this.#expansion.look(pod);
  }

  #removed(pod: Pod): void {
    if (!this.isRunning) return;
    const key = podKeyOf(pod);
    if (isMirror(pod)) this.#mirrorStaticPods();
    else this.#workers.get(key)?.discard();
  }

  #newWorker(key: string, pod: Pod): PodWorker {
    const { simulation, client, latency, config } = this.#options;
    const context: PodWorkerContext = {
      simulation,
      client,
      latency,
      runtime: this.#runtime,
      runtimeName: RUNTIME_NAME,
      recorder: this.#recorder,
      addresses: this.#addresses,
      hostIp: config.ip,
      reject: (object) => {
        const registered = this.#node;
        if (registered === undefined || this.#admission.admit(key, object, registered) === undefined) return undefined;
        this.#forgetGone();
        return this.#admission.admit(key, object, registered);
      },
      finished: () => this.#finished(key),
      ended: () => {
        this.#workers.delete(key);
        this.#tokens.release(pod);
        this.#admission.release(key);
      },
    };
    // A pod that has a sandbox was admitted before this kubelet started.
    if (this.#runtime.sandboxOf(key) !== undefined) this.#admission.account(key, pod);
    const worker = new PodWorker(context, key, pod);
    this.#workers.set(key, worker);
    return worker;
  }

  /** A pod that has ended takes no room and has no address any more, though its object and its logs may stay for long. */
  #finished(key: string): void {
    this.#admission.release(key);
    if (this.#runtime.sandboxOf(key)?.isStopped === true) return;
    this.#runtime.stopSandbox(key);
    this.#addresses.release(key);
  }

  /** Pods that are gone already, and that this kubelet has not heard of yet: they take no room from others. */
  #forgetGone(): void {
    for (const [key, { pod }] of this.#workers) {
      const current = this.#options.client.get(podKind, keyOf(pod));
      if (current?.metadata.uid !== pod.metadata.uid) this.#admission.release(key);
    }
  }

  /** Pods that were deleted while no kubelet looked: their sandboxes end now. */
  #endOrphans(): void {
    for (const { podKey } of Array.from(this.#runtime.sandboxes)) {
      if (this.#workers.has(podKey)) continue;
      this.#runtime.removePod(podKey);
      this.#addresses.release(podKey);
    }
  }
}
