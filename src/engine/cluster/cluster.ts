import type { Instant } from '../kernel/clock.js';
import type { RunOutcome } from '../kernel/event-loop.js';
import type { RandomState } from '../kernel/random.js';
import type { AuditPolicy } from '../kube-apiserver/audit/audit-policy.js';
import type { ApiServer } from '../kube-apiserver/api-server.js';
import type { OutsideWorld } from '../kube-apiserver/outside/outside-effect.js';
import type { ControllerReport } from '../kube-controller-manager/controller-manager.js';
import type { DecisionReport } from '../kube-scheduler/decision-report.js';
import type { SchedulerReport } from '../kube-scheduler/scheduler-report.js';
import type { RequestTrust } from '../kube-apiserver/authentication/request-trust.port.js';
import type { HostTokens } from '../kube-apiserver/authentication/host-tokens.port.js';
import type { TokenKeys } from '../kube-apiserver/authentication/token-keys.port.js';
import type { CertificateAuthority } from '../machinery/x509/certificate-authority.port.js';
import type { Subscription } from '../machinery/resource-api.port.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import type { DecisionListener } from './decision-listener.js';

/** One changed key of one transaction; transactions come in revision order, their keys in order of writing. */
export interface CommitRecord {
  /** The store's revision after the transaction. Keys below `/nodes/` (a node's disk) do not raise it. */
  readonly revision: number;
  /** `/registry/…` is what etcd holds; `/nodes/<name>/…` is what a node's disk holds. */
  readonly key: string;
  /** The encoded value; `undefined` where the key was removed. */
  readonly value: Uint8Array | undefined;
  readonly createRevision: number;
  readonly version: number;
  readonly leaseId?: number;
}

/** What is not in the two key spaces and still part of history. It rides along with every batch of commit records. */
export interface EngineState {
  readonly now: Instant;
  readonly random: RandomState;
}

export interface ClusterPorts {
  /** Sign the tokens of service accounts; without them there are none. */
  readonly tokenKeys?: TokenKeys;
  /** Tokens of the server that hosts the cluster, which reviews are told of. */
  readonly hostTokens?: HostTokens | undefined;
  /** Certifies clients and nodes; without it nobody does. */
  readonly certificateAuthority?: CertificateAuthority;
  /** Whom servers behind the aggregator are told to believe; without it they are told nothing. */
  readonly requestTrust?: RequestTrust;
  readonly text: TextCodec;
  /** Without it nothing outside the cluster can be reached. */
  readonly outside?: OutsideWorld | undefined;
  /** Called synchronously for every changed key, in order. */
  commit(record: CommitRecord): void;
}

/** What a recovered cluster is built from: the live keys at one revision, oldest write first. */
export interface ClusterImage {
  readonly state: EngineState;
  readonly revision: number;
  readonly records: Iterable<CommitRecord>;
}

/** One simulated cluster, as hosting sees it. Everything in it happens inside these calls; nothing happens between them. */
export interface Cluster {
  readonly now: Instant;
  /** When the next event is due; `undefined` when nothing is planned. */
  readonly nextDue: Instant | undefined;
  /** The newest revision, durable or not. */
  readonly revision: number;
  readonly state: EngineState;
  readonly apiServer: ApiServer;
  /** Fires what is due up to `limit`, asking `mayContinue` between two events; sets the clock to `limit` when done. */
  run(limit: Instant, mayContinue: () => boolean): RunOutcome;
  /** The live keys, for a checkpoint: as they are now, though read and encoded one by one while the cluster goes on. */
  image(): ClusterImage;
  /** The kubelet of a node, as a service on a machine: stopped, the node is found lost after its grace period. */
  stopKubelet(nodeName: string): void;
  startKubelet(nodeName: string): void;
  /** Whether the node is known, and whether its kubelet runs. */
  kubeletState(nodeName: string): 'running' | 'stopped' | undefined;
  /** Every controller of the controller manager, whether it runs or not, and what it has done. */
  readonly controllers: readonly ControllerReport[];
  /** Has a controller run or not, from now on and after every restart. Whether there is one of that name. */
  switchController(name: string, isOn: boolean): boolean;
  /** The same for the scheduler: without it pods wait for one from outside. */
  switchScheduler(isOn: boolean): void;
  /** What the scheduler is doing; `undefined` while the cluster has none. */
  readonly scheduler: SchedulerReport | undefined;
  /** What is told of requests; `undefined` where nothing is. Set, it is in effect with the next request and after every restart. */
  auditPolicy: AuditPolicy | undefined;
  /** What the scheduler decided about a pod and why, oldest first. Only the latest decisions are kept. */
  decisions(namespace: string, podName: string): readonly DecisionReport[];
  /** Tells of every decision from now on. */
  followDecisions(listener: DecisionListener): Subscription;
}
