import type { Node, Pod } from '../../../src/engine/machinery/api/core-v1.js';
import type { PodDisruptionBudget } from '../../../src/engine/machinery/api/policy-v1.js';
import { deviceRemedy } from './device-claim-model.js';
import { labelsOf, podsOn, type ModelWorld, type Verdict } from './model-world.js';
import { isLeftOut } from './node-model.js';
import { modelFaults, modelFilters, modelScores, modelWeights } from './scheduling-model.js';
import { selects } from './selectors.js';

/** What comes of trying to place a pod. */
export interface ModelAttempt {
  /** The nodes with the highest score, of which any may be taken. */
  readonly best: readonly string[];
  /** What `FailedScheduling` says; `undefined` where a node takes the pod. */
  readonly message?: string;
  /** The nodes of which any may be cleared for the pod, and who has to go there. */
  readonly cleared: Readonly<Record<string, readonly string[]>>;
}

const NOBODY = Object.freeze({});

export function modelAttempt(world: ModelWorld, pod: Pod, budgets: readonly PodDisruptionBudget[]): ModelAttempt {
  const { nodes } = world;
  if (nodes.length === 0) return { best: [], message: 'no nodes available to schedule pods', cleared: NOBODY };
  const opening = `0/${nodes.length} nodes are available:`;
  for (const [name, fault] of Object.entries(modelFaults)) {
    const text = fault(world, pod);
    if (text === undefined) continue;
    const preemption = ineligibility(pod) ?? `${opening} ${nodes.length} ${NOT_HELPFUL}.`;
    // The devices' plugin is asked to make room, but has no notes where it was not asked before.
    const remedy = name === 'DynamicResources' ? remedies({ world, pod, passing: [], preemption }) : 'not found';
    return { best: [], message: `${opening} ${text}. ${remedy}`, cleared: NOBODY };
  }
  const verdicts = new Map(nodes.map((node) => [node, verdictOf(world, pod, node)]));
  const feasible = nodes.filter((node) => verdicts.get(node) === undefined);
  if (feasible.length > 0) return { best: bestOf(world, pod, feasible), cleared: NOBODY };
  const reasons = Array.from(verdicts.values()).flatMap((verdict) => verdict?.reasons ?? []);
  const head = `${opening} ${counted(reasons)}.`;
  const ineligible = ineligibility(pod);
  if (ineligible !== undefined) {
    return {
      best: [],
      message: `${head} ${remedies({ world, pod, passing: nodes, preemption: ineligible })}`,
      cleared: NOBODY,
    };
  }
  const trials = new Map(nodes.map((node) => [node, trialOf({ world, pod, node, budgets }, verdicts.get(node))]));
  const candidates = nodes.flatMap((node) => trials.get(node)?.candidate ?? []);
  if (candidates.length > 0) {
    const cleared = cheapest(candidates).map(({ node, victims }) => [node.metadata.name, victims.map(uidOf)] as const);
    return { best: [], message: head, cleared: Object.fromEntries(cleared) };
  }
  const failures = Array.from(trials.values()).flatMap((trial) => trial.reasons ?? []);
  const preemption = `${opening} ${counted(failures)}.`;
  return { best: [], message: `${head} ${remedies({ world, pod, passing: nodes, preemption })}`, cleared: NOBODY };
}

const ineligibility = ({ spec }: Pod): string | undefined =>
  spec.preemptionPolicy === 'Never' ? 'not eligible due to preemptionPolicy=Never.' : undefined;

const NOT_HELPFUL = 'Preemption is not helpful for scheduling';

/** The first plugin that refuses says why; a pod that names its nodes is not shown others. */
function verdictOf(world: ModelWorld, pod: Pod, node: Node): Verdict {
  if (isLeftOut(pod, node)) return { reasons: ["node(s) didn't satisfy plugin(s) [NodeAffinity]"], isFinal: true };
  for (const rule of Object.values(modelFilters)) {
    const verdict = rule(world, pod, node);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

function bestOf(world: ModelWorld, pod: Pod, nodes: readonly Node[]): readonly string[] {
  const totals = nodes.map(() => 0);
  for (const [name, rule] of Object.entries(modelScores)) {
    const scores = rule(world, pod, nodes) ?? [];
    scores.forEach((score, index) => (totals[index] = (totals[index] ?? 0) + score * (modelWeights[name] ?? 1)));
  }
  const highest = Math.max(...totals);
  // One node alone is not scored.
  return nodes
    .filter((_, index) => nodes.length === 1 || totals[index] === highest)
    .map(({ metadata }) => metadata.name);
}

function counted(reasons: readonly string[]): string {
  const different = Array.from(new Set(reasons));
  return different
    .map((reason) => `${reasons.filter((each) => each === reason).length} ${reason}`)
    .sort()
    .join(', ');
}

interface Remedies {
  readonly world: ModelWorld;
  readonly pod: Pod;
  readonly passing: readonly Node[];
  readonly preemption: string;
}

/** Devices are given back before pods are sent away. */
function remedies({ world, pod, passing, preemption }: Remedies): string {
  const reached = passing.filter((node) => !isLeftOut(pod, node) && reachesDevices(world, pod, node));
  return `${deviceRemedy(world, pod, reached)}, preemption: ${preemption}`;
}

/** Whether all plugins that come before the devices' let the pod onto the node. */
const reachesDevices = (world: ModelWorld, pod: Pod, node: Node): boolean =>
  Object.entries(modelFilters).every(
    ([name, rule]) => name === 'DynamicResources' || rule(world, pod, node) === undefined,
  );

interface Question {
  readonly world: ModelWorld;
  readonly pod: Pod;
  readonly node: Node;
  readonly budgets: readonly PodDisruptionBudget[];
}

interface Candidate {
  readonly node: Node;
  /** The most important first. */
  readonly victims: readonly Pod[];
  readonly broken: number;
}

interface Trial {
  readonly candidate?: Candidate;
  readonly reasons?: readonly string[];
}

/** All less important pods go; then each that can stay after all is let stay, those first whose going breaks a budget. */
function trialOf({ world, pod, node, budgets }: Question, verdict: Verdict): Trial {
  if (verdict?.isFinal !== false) return { reasons: [NOT_HELPFUL] };
  const lesser = podsOn(world, node).filter((each) => priorityOf(each) < priorityOf(pod));
  if (lesser.length === 0) return { reasons: ['No preemption victims found for incoming pod'] };
  const without = (gone: readonly Pod[]): ModelWorld => ({
    ...world,
    placed: world.placed.filter((each) => !gone.includes(each)),
  });
  const refusal = verdictOf(without(lesser), pod, node);
  if (refusal !== undefined) return { reasons: refusal.reasons };
  const ordered = lesser.toSorted(byImportance);
  const breaking = ordered.filter((each, index) => breaksBudget(each, ordered.slice(0, index), budgets));
  let gone: readonly Pod[] = lesser;
  for (const each of [...breaking, ...ordered.filter((one) => !breaking.includes(one))]) {
    const fewer = gone.filter((one) => one !== each);
    if (verdictOf(without(fewer), pod, node) === undefined) gone = fewer;
  }
  const broken = gone.filter((each) => breaking.includes(each)).length;
  return { candidate: { node, victims: gone.toSorted(byImportance), broken } };
}

const uidOf = ({ metadata }: Pod): string => metadata.uid ?? '';
const priorityOf = ({ spec }: Pod): number => spec.priority ?? 0;
const startOf = ({ status }: Pod): number => Date.parse(status?.startTime ?? '');
const byImportance = (a: Pod, b: Pod): number => priorityOf(b) - priorityOf(a) || startOf(a) - startOf(b);

/** Whether a budget has nothing left for the pod after those that are more important. */
const breaksBudget = (pod: Pod, before: readonly Pod[], budgets: readonly PodDisruptionBudget[]): boolean =>
  budgets.some((budget) => {
    const isMeant = (each: Pod): boolean =>
      each.metadata.namespace === budget.metadata.namespace && selects(budget.spec.selector, labelsOf(each));
    return isMeant(pod) && before.filter(isMeant).length + 1 > (budget.status?.disruptionsAllowed ?? 0);
  });

/** Fewest broken budgets, least important top victim, least sum of priorities, fewest victims, youngest top victim. */
function cheapest(candidates: readonly Candidate[]): readonly Candidate[] {
  const top = ({ victims }: Candidate): number => Math.max(...victims.map(priorityOf));
  const costs: readonly ((candidate: Candidate) => number)[] = [
    ({ broken }) => broken,
    top,
    ({ victims }) => victims.reduce((sum, each) => sum + priorityOf(each) + 2 ** 31, 0),
    ({ victims }) => victims.length,
    (candidate) => -Math.min(...candidate.victims.filter((each) => priorityOf(each) === top(candidate)).map(startOf)),
  ];
  return costs.reduce((left, cost) => {
    const least = Math.min(...left.map(cost));
    return left.filter((each) => cost(each) === least);
  }, candidates);
}
