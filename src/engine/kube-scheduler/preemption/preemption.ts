import { assert } from '../../kernel/assert.js';
import type { Simulation } from '../../kernel/simulation.js';
import { podDisruptionBudget } from '../../kinds/pod-disruption-budget.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { diagnosisMessage } from '../diagnosis.js';
import { unresolvable, type Rejection } from '../framework.js';
import type { NodeInfo } from '../node-info.js';
import type { PodInfo } from '../pod-info.js';
import type { Search } from '../scheduling-cycle.js';
import { budgetsOf } from './disruption-budgets.js';
import { pickCandidate } from './pick-candidate.js';
import type { PreemptionArgs } from './preemption-args.js';
import type { Candidate } from './select-victims.js';
import { Trials } from './trials.js';

const NOT_HELPFUL = unresolvable('Preemption is not helpful for scheduling');
const NO_VICTIMS = unresolvable('No preemption victims found for incoming pod');

/** What came of looking for pods that might make room. */
export interface PreemptionOutcome {
  /** Why it came to nothing; absent where a node was found. */
  readonly message?: string;
  /** The node that the pod is promised; empty takes an earlier promise back, `undefined` leaves it. */
  readonly nominated?: string;
  readonly chosen?: Candidate;
  readonly candidates: readonly Candidate[];
  /** Nodes that were tried and would not do, and why. */
  readonly refused: RefusedNodes;
}

/** In parallel: a node, and why it would not do. */
export interface RefusedNodes {
  readonly nodes: readonly NodeInfo[];
  readonly reasons: readonly Rejection[];
}

const NONE_REFUSED: RefusedNodes = Object.freeze({ nodes: [], reasons: [] });

/** Upstream's DefaultPreemption: it chooses a node and its victims, and changes nothing. */
export class Preemption {
  readonly #simulation: Simulation;
  readonly #trials = new Trials();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  attempt(search: Search, args: PreemptionArgs): PreemptionOutcome {
    const reason = this.#ineligibility(search);
    if (reason !== undefined) return { message: reason, candidates: [], refused: NONE_REFUSED };
    const potential = potentialNodes(search);
    const { cache, info } = search.run.cycle;
    if (potential.length === 0) return this.#nothing(search, NONE_REFUSED);
    // Where nobody is less important anywhere, every trial would end the same way.
    if (!cache.hasPodsBelow(info.priority))
      return this.#nothing(search, { nodes: potential, reasons: potential.map(() => NO_VICTIMS) });
    const { candidates, refused } = this.#tryOut(search, potential, args);
    const chosen = pickCandidate(candidates, this.#simulation.now);
    if (chosen === undefined) return this.#nothing(search, refused);
    return { nominated: chosen.node.name, chosen, candidates, refused };
  }

  #nothing({ nodeCount }: Search, refused: RefusedNodes): PreemptionOutcome {
    const message = diagnosisMessage({ nodeCount, byNode: refused.reasons, elsewhere: NOT_HELPFUL });
    return { message, nominated: '', candidates: [], refused };
  }

  #ineligibility({ run, rejections }: Search): string | undefined {
    const { pod, info, cache } = run.cycle;
    if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
    const promised = cache.node(pod.status?.nominatedNodeName ?? '');
    if (promised === undefined) return undefined;
    if (rejections.reasons[rejections.nodes.indexOf(promised)]?.unresolvable === true) return undefined;
    for (const each of promised.pods) {
      if (each.priority < info.priority && isBeingPreempted(each)) {
        return 'not eligible due to a terminating pod on the nominated node.';
      }
    }
    return undefined;
  }

  /** Goes round from a node by lot until there are enough candidates, one of them without a broken budget. */
  #tryOut(
    { run }: Search,
    potential: readonly NodeInfo[],
    args: PreemptionArgs,
  ): Pick<PreemptionOutcome, 'candidates' | 'refused'> {
    const { now, random } = this.#simulation;
    const share = Math.floor((potential.length * args.minCandidateNodesPercentage) / 100);
    const wanted = Math.min(Math.max(share, args.minCandidateNodesAbsolute), potential.length);
    const budgets = budgetsOf(run.cycle.objects.list(podDisruptionBudget));
    const trial = this.#trials.of({ run, budgets, now });
    const offset = random.below(potential.length);
    const sound: Candidate[] = [];
    const violating: Candidate[] = [];
    const nodes: NodeInfo[] = [];
    const reasons: Rejection[] = [];
    for (let looked = 0; looked < potential.length; looked++) {
      if (sound.length > 0 && sound.length + violating.length >= wanted) break;
      const node = potential[(offset + looked) % potential.length];
      assert(node !== undefined, 'an index modulo the length is within');
      const { candidate, rejection } = trial(node);
      if (candidate === undefined) {
        nodes.push(node);
        reasons.push(rejection);
      } else (candidate.violations === 0 ? sound : violating).push(candidate);
    }
    return { candidates: [...sound, ...violating], refused: { nodes, reasons } };
  }
}

/** The nodes where the absence of other pods might help. */
function potentialNodes({ run, everywhere, rejections }: Search): readonly NodeInfo[] {
  if (everywhere !== undefined) return everywhere.rejection.unresolvable ? [] : run.cycle.cache.nodes;
  return rejections.nodes.filter((_, index) => rejections.reasons[index]?.unresolvable === false);
}

function isBeingPreempted({ pod }: PodInfo): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false;
  return disruptionReason(pod) === 'PreemptionByScheduler';
}

const disruptionReason = ({ status }: Pod): string | undefined =>
  status?.conditions?.find(({ type, status: value }) => type === 'DisruptionTarget' && value === 'True')?.reason;
