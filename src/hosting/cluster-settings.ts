import type { ClusterSpec, EtcdSettings, LatencyName, Topology } from '../engine/cluster/cluster-spec.js';
import type { Instant } from '../engine/kernel/clock.js';

export type ClockMode = 'realtime' | 'scaled' | 'paused';
export type Durability = 'durable' | 'ephemeral';

export interface ClockSettings {
  readonly mode: ClockMode;
  /** Simulated milliseconds per real one: 1 for `realtime`, 0 for `paused`. */
  readonly rate: number;
}

/** What a cluster is asked to be, complete: every default is filled in already. */
export interface ClusterSettings extends Pick<ClusterSpec, 'audit' | 'controllers' | 'scheduler' | 'kubelets'> {
  readonly name: string;
  /** An integer; the same seed and the same inputs give the same history. */
  readonly seed: number;
  /** The cluster's time at its creation. */
  readonly start: Instant;
  /** As it was at creation; the present one is the live cluster's. */
  readonly clock: ClockSettings;
  readonly latency: LatencyName;
  readonly durability: Durability;
  readonly topology: Topology;
  readonly etcd: EtcdSettings;
  /** Services (`namespace/name`) that stand for a process outside, each with its URL: webhooks under development, say. */
  readonly outsideServices?: Readonly<Record<string, string>>;
}

/** `starting` from registration until the engine has it, or has it back after a restart. */
export type ClusterState = 'starting' | 'running' | 'failed' | 'removed';

/** Who a cluster is, and what it was created as. */
export interface ClusterIdentity {
  /** A UUID. */
  readonly id: string;
  readonly tenantId: string;
  /** The tenant's name. */
  readonly tenant: string;
  /** Wall-clock milliseconds since the Unix epoch. */
  readonly createdAt: number;
  readonly settings: ClusterSettings;
}
