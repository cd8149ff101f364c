import type { Instant } from '../kernel/clock.js';

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
}

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
  /** PEM of the authority that signs the API server's certificate; published as `kube-root-ca.crt`. */
  readonly caCertificate: string;
}
