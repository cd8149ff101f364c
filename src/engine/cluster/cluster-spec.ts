import type { AuditPolicy } from '../kube-apiserver/audit/audit-policy.js';
import type { SchedulerConfiguration } from '../kube-scheduler/configuration.js';
import { minutes, type Duration, type Instant } from '../kernel/clock.js';

export type LatencyName = 'instant' | 'fast' | 'realistic';

export interface WorkerCapacity {
  /** A Kubernetes quantity, such as `8` or `7500m`. */
  readonly cpu: string;
  readonly memory: string;
  readonly pods: number;
}

export interface Topology {
  readonly controlPlanes: number;
  readonly workers: number;
  readonly workerCapacity: WorkerCapacity;
  /** Nodes are dealt over the zones in turn; empty: no zone labels. */
  readonly zones: readonly string[];
  /** What the zones are parts of; `REGION_PRESET` unless given. Without zones there is none. */
  readonly region?: string;
}

/** The region of zones that nobody placed in one. */
export const REGION_PRESET = 'r1';

/** Which Nodes that clients make get a kubelet: those that ask for one by annotation, or all. */
export type KubeletPolicy = 'annotated' | 'all';

export interface EtcdSettings {
  /** How often the API server compacts: history reaches back between one and two of these. */
  readonly compactionInterval: Duration;
  /** What the database may hold; without it, it may grow. */
  readonly quotaBytes?: number;
}

/** kube-apiserver's default `--etcd-compaction-interval`, and no quota. */
export const ETCD_PRESET: EtcdSettings = Object.freeze({ compactionInterval: minutes(5) });

/** All that makes a cluster what it is: the same spec and the same inputs give the same history, byte for byte. */
export interface ClusterSpec {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly seed: number;
  /** The cluster's time when it is handed over, with its nodes Ready. */
  readonly start: Instant;
  readonly latency: LatencyName;
  readonly topology: Topology;
  /** `ETCD_PRESET` unless given. */
  readonly etcd?: EtcdSettings;
  /** As kube-controller-manager's `--controllers`: `*`, `name`, `-name`; all unless given. */
  readonly controllers?: readonly string[];
  /** Profiles and bounds of its scheduler, upstream's defaults unless given; `off` where another does its work. */
  readonly scheduler?: SchedulerConfiguration | 'off';
  /** What is told of requests; nothing unless given. */
  readonly audit?: { readonly policy: AuditPolicy };
  /** `annotated` unless given. */
  readonly kubelets?: KubeletPolicy;
  /** PEM of the authority that signs the API server's certificate; published as `kube-root-ca.crt`. */
  readonly caCertificate: string;
}
