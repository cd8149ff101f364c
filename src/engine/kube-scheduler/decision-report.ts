import { timestamp } from '../kernel/clock.js';
import { keyOf, splitKey } from '../machinery/object.js';
import type { Considered, Decision, DecisionResult } from './decision-ring.js';
import type { Rejection } from './framework.js';
import type { PreemptionOutcome } from './preemption/preemption.js';

/** Why a node, or all of them, did not take the pod. */
export interface RejectionReport {
  readonly plugin?: string;
  readonly reasons: readonly string[];
  /** No eviction of other pods would help. */
  readonly unresolvable: boolean;
}

export interface PluginScoreReport {
  readonly plugin: string;
  /** 0 to 100, after normalisation. */
  readonly score: number;
  readonly weight: number;
}

export interface NodeVerdict {
  readonly name: string;
  readonly feasible: boolean;
  readonly rejection?: RejectionReport;
  /** The sum of the weighted scores; absent where nobody had to be compared. */
  readonly total?: number;
  readonly scores?: readonly PluginScoreReport[];
}

export interface PreemptionReport {
  /** Why it came to nothing. */
  readonly message?: string;
  /** The node that the pod was promised. */
  readonly node?: string;
  /** Keys of the pods that have to go. */
  readonly victims: readonly string[];
  readonly candidates: readonly {
    readonly node: string;
    readonly victims: readonly string[];
    /** How many evictions would break a disruption budget. */
    readonly violations: number;
  }[];
  readonly refused: readonly { readonly node: string; readonly reasons: readonly string[] }[];
}

/** One attempt to place a pod: what every plugin said of every node that was looked at. */
export interface DecisionReport {
  readonly time: string;
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly scheduler: string;
  readonly attempt: number;
  readonly result: DecisionResult;
  readonly node?: string;
  readonly message?: string;
  /** Of the cluster at that time. */
  readonly nodeCount: number;
  /** The pod was rejected before any node was looked at. */
  readonly everywhere?: RejectionReport;
  /** Why other nodes than these were not looked at. */
  readonly elsewhere?: RejectionReport;
  readonly nodes: readonly NodeVerdict[];
  readonly preemption?: PreemptionReport;
}

export function decisionReport(decision: Decision): DecisionReport {
  const { at, pod, schedulerName, attempt, result, nodeName, message, considered, preemption } = decision;
  const { namespace = '', name } = splitKey(pod.key);
  return {
    time: timestamp(at),
    pod: { namespace, name, uid: pod.uid },
    scheduler: schedulerName,
    attempt,
    result,
    ...(nodeName === undefined ? {} : { node: nodeName }),
    ...(message === '' ? {} : { message }),
    nodeCount: considered?.nodeCount ?? 0,
    ...(considered === undefined ? { nodes: [] } : consideredReport(considered)),
    ...(preemption === undefined ? {} : { preemption: preemptionReport(preemption) }),
  };
}

function consideredReport({ everywhere, elsewhere, rejections, feasible, scored }: Considered) {
  const accepted = feasible.map(({ name }, index): NodeVerdict => {
    if (scored.length === 0) return { name, feasible: true };
    const scores = scored.map(({ plugin, weight, scores: all }) => ({
      plugin: plugin.name,
      score: all[index] ?? 0,
      weight,
    }));
    return { name, feasible: true, total: scores.reduce((sum, { score, weight }) => sum + score * weight, 0), scores };
  });
  const rejected = rejections.nodes.map(({ name }, index): NodeVerdict => {
    const rejection = rejections.reasons[index];
    const plugin = rejections.plugins[index]?.name;
    return { name, feasible: false, ...(rejection === undefined ? {} : { rejection: told(rejection, plugin) }) };
  });
  return {
    ...(everywhere === undefined ? {} : { everywhere: told(everywhere.rejection, everywhere.plugin) }),
    ...(elsewhere === undefined ? {} : { elsewhere: told(elsewhere, undefined) }),
    nodes: [...accepted, ...rejected],
  };
}

const told = ({ reasons, unresolvable }: Rejection, plugin: string | undefined): RejectionReport => ({
  ...(plugin === undefined ? {} : { plugin }),
  reasons,
  unresolvable,
});

function preemptionReport({ message, chosen, candidates, refused }: PreemptionOutcome): PreemptionReport {
  return {
    ...(message === undefined ? {} : { message }),
    ...(chosen === undefined ? {} : { node: chosen.node.name }),
    victims: (chosen?.victims ?? []).map(({ pod }) => keyOf(pod)),
    candidates: candidates.map(({ node, victims, violations }) => ({
      node: node.name,
      victims: victims.map(({ pod }) => keyOf(pod)),
      violations,
    })),
    refused: refused.nodes.map(({ name }, index) => ({ node: name, reasons: refused.reasons[index]?.reasons ?? [] })),
  };
}
