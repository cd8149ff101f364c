/** How far preemption looks for candidates before it chooses among those found. */
export interface PreemptionArgs {
  /** Of the nodes where eviction might help. */
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
}

export const PREEMPTION_DEFAULTS: PreemptionArgs = Object.freeze({
  minCandidateNodesPercentage: 10,
  minCandidateNodesAbsolute: 100,
});
