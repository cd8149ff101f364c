import type { Instant } from '../kernel/clock.js';
import type { Rejection } from './framework.js';
import type { NodeInfo } from './node-info.js';
import type { PreemptionOutcome } from './preemption/preemption.js';
import type { PluginScores, Rejections, Search } from './scheduling-cycle.js';

/** Decisions that are kept in one cluster. */
const DECISIONS_MAX = 1_000;
/** Verdicts and scores that are kept in all of them together: large clusters remember fewer decisions. */
const CELLS_MAX = 250_000;
const SCORES_PER_CELL = 8;

export type DecisionResult = 'Scheduled' | 'Unschedulable' | 'Error';

/** One attempt to place a pod, as it is kept: what the search left behind anyway, without a copy. */
export interface Decision {
  readonly at: Instant;
  readonly pod: { readonly key: string; readonly uid: string };
  readonly schedulerName: string;
  readonly attempt: number;
  readonly result: DecisionResult;
  readonly nodeName: string | undefined;
  readonly message: string;
  readonly considered: Considered | undefined;
  readonly preemption: PreemptionOutcome | undefined;
}

export interface Considered {
  readonly nodeCount: number;
  readonly everywhere: { readonly plugin: string; readonly rejection: Rejection } | undefined;
  readonly elsewhere: Rejection | undefined;
  readonly rejections: Rejections;
  readonly feasible: readonly NodeInfo[];
  readonly scored: readonly PluginScores[];
}

export const consideredBy = ({
  nodeCount,
  everywhere,
  elsewhere,
  rejections,
  feasible,
  scored,
}: Search): Considered => ({
  nodeCount,
  everywhere:
    everywhere === undefined ? undefined : { plugin: everywhere.plugin.name, rejection: everywhere.rejection },
  elsewhere,
  rejections,
  feasible,
  scored,
});

/** The latest decisions of one scheduler, oldest first; the oldest are forgotten when there are too many. */
export class DecisionRing {
  readonly #onRecorded: (decision: Decision) => void;
  #decisions: Decision[] = [];
  #first = 0;
  #cells = 0;

  constructor(onRecorded: (decision: Decision) => void = () => undefined) {
    this.#onRecorded = onRecorded;
  }

  record(decision: Decision): void {
    this.#onRecorded(decision);
    this.#decisions.push(decision);
    this.#cells += cellsOf(decision);
    while (this.#decisions.length - this.#first > DECISIONS_MAX || this.#cells > CELLS_MAX) {
      const oldest = this.#decisions[this.#first];
      if (oldest === undefined || this.#decisions.length - this.#first === 1) break;
      this.#cells -= cellsOf(oldest);
      this.#first++;
    }
    if (this.#first <= DECISIONS_MAX) return;
    this.#decisions = this.#decisions.slice(this.#first);
    this.#first = 0;
  }

  /** What was decided about a pod of this key, oldest first. */
  about(key: string): readonly Decision[] {
    return this.#decisions.filter(({ pod }, index) => index >= this.#first && pod.key === key);
  }
}

function cellsOf({ considered, preemption }: Decision): number {
  if (considered === undefined) return 1;
  const { rejections, feasible, scored } = considered;
  const scores = Math.ceil((feasible.length * scored.length) / SCORES_PER_CELL);
  const trials = preemption === undefined ? 0 : preemption.candidates.length + preemption.refused.nodes.length;
  return 1 + rejections.nodes.length + feasible.length + scores + trials;
}
