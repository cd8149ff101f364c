import type { Pod } from '../machinery/api/core-v1.js';
import type { ResourceReader } from '../machinery/resource-reader.port.js';
import type { AssumedVolumes } from './assumed-volumes.js';
import type { Change, ClusterEvent } from './cluster-event.js';
import type { AssumedDevices } from './devices/assumed-devices.js';
import type { ClaimWriter } from './devices/claim-writer.js';
import type { NodeInfo } from './node-info.js';
import type { PodInfo } from './pod-info.js';
import type { SchedulerCache } from './scheduler-cache.js';
import type { WorkloadSelectors } from './workload-selectors.js';

/** The scores of one plugin lie between 0 and this. */
export const SCORE_MAX = 100;

/** Why a node, or the whole cluster, does not take a pod. */
export interface Rejection {
  readonly reasons: readonly string[];
  /** No eviction of other pods would help. */
  readonly unresolvable: boolean;
}

/** What plugins may look at. */
export interface SchedulingWorld {
  readonly cache: SchedulerCache;
  /** Objects other than nodes and placed pods. */
  readonly objects: ResourceReader;
  readonly selectors: WorkloadSelectors;
  readonly volumes: AssumedVolumes;
  readonly devices: AssumedDevices;
  /** Absent where decisions are only thought through. */
  readonly claimWriter?: ClaimWriter;
}

/** One attempt to find a node for one pod. */
export interface Cycle extends SchedulingWorld {
  readonly pod: Pod;
  readonly info: PodInfo;
}

/** What a plugin makes of a pod before it sees a node. Its methods read the cache as it is when they are called. */
export interface NodeFilter {
  /** The pod fits nowhere, whatever the node. */
  readonly rejects?: Rejection;
  /** Only nodes of these names come into question. */
  readonly only?: ReadonlySet<string>;
  /** Why this node does not take the pod; `undefined` where it does. */
  check?(node: NodeInfo): Rejection | undefined;
  /** The answer depends on the node alone, not on the pods that are placed. */
  readonly ignoresPods?: boolean;
  /** The same check of a node whose pods are changed in thought; without it they have to be changed in the cache. */
  whatIf?(node: NodeInfo): WhatIf;
}

/** One node with other pods than it has. */
export interface WhatIf {
  add(pod: PodInfo): void;
  remove(pod: PodInfo): void;
  check(): Rejection | undefined;
}

export interface NodeScorer {
  score(node: NodeInfo): number;
  /** Brings raw scores into 0 to `SCORE_MAX`, in place. */
  normalize?(scores: number[], nodes: readonly NodeInfo[]): void;
}

/** What a pod takes besides its place, from the decision on. */
export interface Reservation {
  /** Gives it back: the pod was not bound. */
  undo(): void;
  /** What has to happen before the pod is bound; calls `done` once, with the reason where it fails. */
  prepare?(done: (failure?: string) => void): void;
}

/** Events that may help a pod which the plugin rejected; where `isWorth` is there, only if it says so of this change. */
export interface RetryHint {
  readonly on: readonly ClusterEvent[];
  isWorth?(pod: Pod, change: Change, world: SchedulingWorld): boolean;
}

/**
 * One consideration of the scheduler, called in the order of the registry. `filter` and `score` are asked once a pod and
 * answer with what is asked of each node: `undefined` where the plugin has nothing to say of this pod.
 */
export interface Plugin {
  readonly name: string;
  /** What brings a pod that this plugin rejected back into the queue. */
  readonly retryOn?: readonly RetryHint[];
  /** The weight of this plugin's scores in the sum; 1 unless given. */
  readonly weight?: number;
  /** A pod with a reason here is not queued at all until it changes. */
  preEnqueue?(pod: Pod, world: SchedulingWorld): Rejection | undefined;
  filter?(cycle: Cycle): NodeFilter | undefined;
  score?(cycle: Cycle, nodes: readonly NodeInfo[]): NodeScorer | undefined;
  reserve?(cycle: Cycle, node: NodeInfo): Reservation | undefined;
  /** Tries to make room for a pod that no node takes, other than by evicting pods; says what came of it. */
  makeRoom?(cycle: Cycle): string;
  /** The plugin with arguments from a profile's `pluginConfig`. */
  configure?(args: unknown): Plugin;
}

export const definePlugin = (plugin: Plugin): Plugin => Object.freeze(plugin);

/** No eviction of other pods helps. */
export const unresolvable = (...reasons: readonly string[]): Rejection =>
  Object.freeze({ reasons, unresolvable: true });

/** The node may do once other pods are gone. */
export const resolvable = (...reasons: readonly string[]): Rejection => Object.freeze({ reasons, unresolvable: false });

/** Upstream's default normalisation: the highest becomes `SCORE_MAX`, the rest in proportion, reversed where less is better. */
export function normalizeByHighest(scores: number[], { reverse }: { readonly reverse: boolean }): void {
  let highest = 0;
  for (const score of scores) if (score > highest) highest = score;
  if (highest === 0) {
    if (reverse) scores.fill(SCORE_MAX);
    return;
  }
  for (let index = 0; index < scores.length; index++) {
    const share = Math.floor(((scores[index] ?? 0) * SCORE_MAX) / highest);
    scores[index] = reverse ? SCORE_MAX - share : share;
  }
}
