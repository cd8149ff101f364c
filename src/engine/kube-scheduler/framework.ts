import type { Pod } from '../machinery/api/core-v1.js';
import type { NodeInfo } from './node-info.js';

/** The scores of one plugin lie between 0 and this. */
export const SCORE_MAX = 100;

/** What happens in a cluster that may let a waiting pod fit. */
export type ClusterEvent =
  'node-added' | 'node-updated' | 'assigned-pod-deleted' | 'assigned-pod-updated' | 'pod-updated';

/** Why a node, or the whole cluster, does not take a pod. */
export interface Rejection {
  readonly reasons: readonly string[];
  /** No eviction of other pods would help. */
  readonly unresolvable: boolean;
}

/** What plugins note about one pod for the length of one cycle, by plugin name. */
export type CycleState = Map<string, unknown>;

export interface ScoreOf {
  readonly node: NodeInfo;
  readonly score: number;
}

/**
 * One consideration of the scheduler. Every method is an extension point of upstream's framework, called in the order
 * of the registry; a plugin has those that it needs. All are pure in pod, node and what the plugin itself has noted.
 */
export interface Plugin {
  readonly name: string;
  /** What brings a pod that this plugin rejected back into the queue. */
  readonly retryOn?: readonly ClusterEvent[];
  /** A pod with a reason here is not queued at all until it changes. */
  preEnqueue?(pod: Pod): Rejection | undefined;
  /** Once a pod, before any node: notes what the other points need, or rejects the pod for all nodes. */
  preFilter?(pod: Pod, state: CycleState): Rejection | 'skip' | undefined;
  filter?(pod: Pod, node: NodeInfo, state: CycleState): Rejection | undefined;
  /** Once a pod, before the feasible nodes are scored. */
  preScore?(pod: Pod, nodes: readonly NodeInfo[], state: CycleState): 'skip' | undefined;
  /** The weight of this plugin's scores in the sum; 1 unless given. */
  readonly weight?: number;
  score?(pod: Pod, node: NodeInfo, state: CycleState): number;
  /** Brings raw scores into 0 to `SCORE_MAX`. */
  normalize?(scores: readonly ScoreOf[]): readonly ScoreOf[];
}

export const definePlugin = (plugin: Plugin): Plugin => Object.freeze(plugin);

export const rejection = (reason: string, { unresolvable }: { readonly unresolvable: boolean }): Rejection => ({
  reasons: [reason],
  unresolvable,
});

/** Upstream's default normalisation: the highest becomes `SCORE_MAX`, the rest in proportion, reversed where less is better. */
export function normalized(scores: readonly ScoreOf[], { reverse }: { readonly reverse: boolean }): readonly ScoreOf[] {
  let highest = 0;
  for (const { score } of scores) highest = Math.max(highest, score);
  if (highest === 0) return reverse ? scores.map(({ node }) => ({ node, score: SCORE_MAX })) : scores;
  return scores.map(({ node, score }) => {
    const share = Math.floor((score * SCORE_MAX) / highest);
    return { node, score: reverse ? SCORE_MAX - share : share };
  });
}
