// The composition root of one cluster: store, API server, machines and components, wired and started.
// A new cluster boots in its own past, so that at the instant it is handed over its nodes are Ready.
import { Client, type ClientIdentity } from '../client/client.js';
import type { NodeDisk } from '../container-runtime/node-disk.port.js';
import { latencyProfiles, type LatencyProfile } from '../container-runtime/latency-profile.js';
import type { KeyValue } from '../etcd/key-value.js';
import type { Lease } from '../etcd/leases.js';
import type { StoreOptions, StoreSnapshot } from '../etcd/store-contract.js';
import { Store } from '../etcd/store.js';
import { assert } from '../kernel/assert.js';
import { instant, milliseconds, minutes, type Instant } from '../kernel/clock.js';
import { EventLoop, type RunOutcome } from '../kernel/event-loop.js';
import { Random } from '../kernel/random.js';
import { kinds } from '../kinds/registry.js';
import { podsByNode } from '../kinds/pod-indexes.js';
import { pod } from '../kinds/pod.js';
import type { AuditPolicy } from '../kube-apiserver/audit/audit-policy.js';
import { ApiServer } from '../kube-apiserver/api-server.js';
import type { SharedParts } from '../kube-apiserver/shared-parts.js';
import type { CommonContent } from '../kube-apiserver/storage/common-content.js';
import type { StoredObject } from '../kube-apiserver/storage/stored-object.js';
import type { ControllerReport } from '../kube-controller-manager/controller-manager.js';
import { NODE_LEASE_NAMESPACE } from '../kubelet/kubelet.js';
import type { NodeConfig } from '../kubelet/node-config.js';
import type { DecisionReport } from '../kube-scheduler/decision-report.js';
import type { SchedulerReport } from '../kube-scheduler/scheduler-report.js';
import type { Subscription } from '../machinery/resource-api.port.js';
import type { Cluster, ClusterImage, ClusterPorts, CommitRecord, EngineState } from './cluster.js';
import { ETCD_PRESET, type ClusterSpec } from './cluster-spec.js';
import { clusterCredentials } from './cluster-credentials.js';
import { ContainerConnections } from './container-connections.js';
import { ContainerLogs } from './container-logs.js';
import { ControlPlane } from './control-plane.js';
import type { DecisionListener } from './decision-listener.js';
import { Machines } from './machines.js';
import { nodeConfigs } from './node-configs.js';
import { NodeDisks } from './node-disks.js';
import type { BootstrapTemplates } from './bootstrap/bootstrap-templates.js';
import { flowTemplates } from './bootstrap/flow-templates.js';
import { writeBootstrapObjects } from './bootstrap/write-bootstrap-objects.js';
import { storedSize, storeLimits } from './store-limits.js';
import { isLeaseKey, restoredKey, restoredLease, StoreJournal, storeRecords } from './store-journal.js';

/** What was changed about auditing while the cluster ran. */
const AUDIT_POLICY_PATH = 'components/audit-policy';
/** How long before its `start` a new cluster boots: enough for the slowest latency profile. */
const BOOT = minutes(1);

export interface ClusterParts {
  readonly spec: ClusterSpec;
  readonly ports: ClusterPorts;
  /** What all clusters of a process have in common. */
  readonly shared: SharedParts;
  readonly templates: BootstrapTemplates;
}

/** A new cluster, booted: its nodes are Ready at `spec.start`. */
export function createCluster(parts: ClusterParts): Cluster {
  const { spec } = parts;
  const loop = new EventLoop(instant(spec.start - BOOT), Random.seeded(spec.seed));
  const cluster = new SimulatedCluster(parts, loop);
  cluster.boot(parts.templates);
  return cluster;
}

/** A cluster as an earlier process left it. Its components start anew and find everything in the store and on the disks. */
export function restoreCluster(parts: ClusterParts, image: ClusterImage): Cluster {
  const loop = new EventLoop(image.state.now, new Random(image.state.random));
  const cluster = new SimulatedCluster(parts, loop, image);
  cluster.startComponents();
  return cluster;
}

class SimulatedCluster implements Cluster {
  readonly apiServer: ApiServer;
  readonly #spec: ClusterSpec;
  readonly #ports: ClusterPorts;
  readonly #loop: EventLoop;
  readonly #store: Store<StoredObject>;
  readonly #disks: NodeDisks;
  readonly #latency: LatencyProfile;
  readonly #nodes: readonly NodeConfig[];
  readonly #machines: Machines;
  readonly #controlPlane: ControlPlane;

  constructor({ spec, ports, shared }: ClusterParts, loop: EventLoop, image?: ClusterImage) {
    this.#spec = spec;
    this.#ports = ports;
    this.#loop = loop;
    this.#latency = latencyProfiles[spec.latency];
    this.#nodes = nodeConfigs(spec.topology);
    this.#disks = new NodeDisks(ports.text, (key, value) =>
      ports.commit({ revision: this.#store.revision, key, value, createRevision: 0, version: 0 }),
    );
    const { etcd = ETCD_PRESET } = spec;
    const options: StoreOptions<StoredObject> = {
      scheduler: loop,
      compactionInterval: etcd.compactionInterval,
      sink: new StoreJournal(ports),
      sizeOf: storedSize,
      limits: storeLimits(etcd, ports.text),
    };
    this.#store = image === undefined ? new Store(options) : this.#restored(image, options, shared.common);
    this.#machines = new Machines({
      configs: this.#nodes,
      policy: spec.kubelets ?? 'annotated',
      workerCapacity: spec.topology.workerCapacity,
      disks: this.#disks,
      latency: this.#latency,
      text: ports.text,
      simulation: loop,
      clientOf: (identity) => this.#client(identity),
    });
    this.#controlPlane = new ControlPlane({
      spec,
      machines: this.#nodes.filter(({ role }) => role === 'control-plane'),
      disks: this.#disks,
      random: loop.random,
      heartbeats: { nodeHeartbeat: (name) => this.#machines.kubeletOf(name)?.lastHeartbeat },
      clientOf: (identity) => this.#client(identity),
    });
    this.apiServer = new ApiServer({
      store: this.#store,
      simulation: loop,
      kinds,
      text: ports.text,
      tokenKeys: ports.tokenKeys,
      hostTokens: ports.hostTokens,
      requestTrust: ports.requestTrust,
      outside: ports.outside,
      flowTemplates,
      audit: { policy: this.#storedAuditPolicy(), address: this.#nodes[0]?.ip },
      shared,
      heartbeats: {
        leaseRenewTime: (namespace, name) => this.#leaseRenewTime(namespace, name),
        nodeHeartbeat: (nodeName) => this.#machines.kubeletOf(nodeName)?.lastHeartbeat,
      },
      logs: new ContainerLogs({
        pod: (key) => this.apiServer.resources.get(pod, key),
        kubeletOf: (nodeName) => this.#machines.kubeletOf(nodeName),
      }),
      sessions: new ContainerConnections({
        pod: (key) => this.apiServer.resources.get(pod, key),
        podsOn: (nodeName) => this.apiServer.resources.indexed(pod, podsByNode, nodeName),
        kubeletOf: (nodeName) => this.#machines.kubeletOf(nodeName),
        text: ports.text,
      }),
    });
  }

  get now(): Instant {
    return this.#loop.now;
  }

  get nextDue(): Instant | undefined {
    return this.#loop.nextDue;
  }

  get revision(): number {
    return this.#store.revision;
  }

  get state(): EngineState {
    return { now: this.#loop.now, random: this.#loop.random.state };
  }

  run(limit: Instant, mayContinue: () => boolean): RunOutcome {
    return this.#loop.run(limit, mayContinue);
  }

  image(): ClusterImage {
    return {
      state: this.state,
      revision: this.#store.revision,
      records: this.#records(this.#store.snapshot(), this.#disks.all()),
    };
  }

  stopKubelet(nodeName: string): void {
    this.#machines.stopKubelet(nodeName);
  }

  startKubelet(nodeName: string): void {
    this.#machines.startKubelet(nodeName);
  }

  kubeletState(nodeName: string): 'running' | 'stopped' | undefined {
    const kubelet = this.#machines.kubeletOf(nodeName);
    return kubelet === undefined ? undefined : kubelet.isRunning ? 'running' : 'stopped';
  }

  get controllers(): readonly ControllerReport[] {
    return this.#controlPlane.controllers;
  }

  switchController(name: string, isOn: boolean): boolean {
    return this.#controlPlane.switchController(name, isOn);
  }

  get auditPolicy(): AuditPolicy | undefined {
    return this.apiServer.auditor.policy;
  }

  set auditPolicy(policy: AuditPolicy | undefined) {
    this.#auditDisk.put(AUDIT_POLICY_PATH, policy === undefined ? {} : { policy });
    this.apiServer.auditor.policy = policy;
  }

  switchScheduler(isOn: boolean): void {
    this.#controlPlane.switchScheduler(isOn);
  }

  get scheduler(): SchedulerReport | undefined {
    return this.#controlPlane.scheduler;
  }

  decisions(namespace: string, podName: string): readonly DecisionReport[] {
    return this.#controlPlane.decisions(`${namespace}/${podName}`);
  }

  followDecisions(listener: DecisionListener): Subscription {
    return this.#controlPlane.followDecisions(listener);
  }

  boot(templates: BootstrapTemplates): void {
    const [first] = this.#nodes;
    assert(first !== undefined, 'a cluster has a control plane');
    writeBootstrapObjects({
      store: this.#store,
      simulation: this.#loop,
      text: this.#ports.text,
      templates,
      caCertificate: this.#spec.caCertificate,
      clientAuthority: this.#ports.requestTrust?.clientAuthority,
      frontProxyAuthority: this.#ports.requestTrust?.frontProxyAuthority,
      apiServerAddress: first.ip,
    });
    this.startComponents();
    this.#loop.run(this.#spec.start, () => true);
  }

  startComponents(): void {
    this.#controlPlane.start(clusterCredentials(this.apiServer, this.#ports.certificateAuthority));
    this.#machines.start();
  }

  /** As it was last set, where it was since the cluster was made. */
  #storedAuditPolicy(): AuditPolicy | undefined {
    const [entry] = this.#auditDisk.entries<{ readonly policy?: AuditPolicy }>(AUDIT_POLICY_PATH);
    return entry === undefined ? this.#spec.audit?.policy : entry[1].policy;
  }

  /** The machine of the first API server, where its `--audit-policy-file` would be. */
  get #auditDisk(): NodeDisk {
    const [first] = this.#nodes;
    assert(first !== undefined, 'a cluster has a control plane');
    return this.#disks.disk(first.name);
  }

  #restored(
    { revision, records }: ClusterImage,
    options: StoreOptions<StoredObject>,
    common: CommonContent,
  ): Store<StoredObject> {
    const { text } = this.#ports;
    const items: KeyValue<StoredObject>[] = [];
    const leases: Lease[] = [];
    for (const record of records) {
      const { key, value } = record;
      if (value === undefined) continue;
      if (NodeDisks.owns(key)) this.#disks.restore(key, value);
      else if (isLeaseKey(key)) leases.push(restoredLease(value, text));
      else items.push(restoredKey(record, value, { text, common }));
    }
    const lastLeaseId = leases.reduce((last, { id }) => Math.max(last, id), 0);
    return Store.restore({ revision, items, leases, lastLeaseId }, options);
  }

  *#records(snapshot: StoreSnapshot<StoredObject>, files: ReturnType<NodeDisks['all']>): Iterable<CommitRecord> {
    const { revision } = snapshot;
    yield* storeRecords(snapshot, this.#ports.text);
    for (const [key, value] of files) yield { revision, key, value, createRevision: 0, version: 0 };
  }

  #client(identity: ClientIdentity): Client {
    return new Client({
      ...identity,
      api: this.apiServer.resources,
      simulation: this.#loop,
      propagation: milliseconds(this.#latency.propagation.minMs),
      onError: () => undefined,
    });
  }

  #leaseRenewTime(namespace: string, name: string): Instant | undefined {
    if (namespace === NODE_LEASE_NAMESPACE) return this.#machines.kubeletOf(name)?.lastHeartbeat;
    return this.#controlPlane.lastRenewal(`${namespace}/${name}`);
  }
}
