import { parseTimestamp, type Instant } from '../../kernel/clock.js';
import type { FilterRun } from '../filter-run.js';
import { unresolvable, type Rejection, type WhatIf } from '../framework.js';
import type { NodeInfo } from '../node-info.js';
import type { PodInfo } from '../pod-info.js';
import { splitByBudgets, type Budget } from './disruption-budgets.js';

const NO_VICTIMS = unresolvable('No preemption victims found for incoming pod');

/** A node that would take the pod once these are gone: the most important first. */
export interface Candidate {
  readonly node: NodeInfo;
  readonly victims: readonly PodInfo[];
  /** How many evictions would break a disruption budget. */
  readonly violations: number;
}

export type Trial =
  | { readonly candidate: Candidate; readonly rejection?: never }
  | { readonly candidate?: never; readonly rejection: Rejection };

export interface TrialOptions {
  readonly run: FilterRun;
  readonly budgets: readonly Budget[];
  readonly now: Instant;
}

/**
 * The fewest pods that have to leave a node so that the pod fits: all less important ones are taken away in thought, then
 * as many as possible are let back, those first whose eviction would break a budget, and the more important before others.
 */
export function selectVictims(node: NodeInfo, { run, budgets, now }: TrialOptions): Trial {
  const { priority } = run.cycle.info;
  const potential = Array.from(node.pods).filter((each) => each.priority < priority);
  if (potential.length === 0) return { rejection: NO_VICTIMS };
  const stage = stageOf(run, node);
  for (const each of potential) stage.remove(each);
  const rejection = stage.check();
  if (rejection !== undefined) {
    for (const each of potential) stage.add(each);
    return { rejection };
  }
  potential.sort((a, b) => byImportance(a, b, now));
  const { violating, others } = splitByBudgets(potential, budgets);
  const victims: PodInfo[] = [];
  let violations = 0;
  for (const each of violating) if (!reprieve(each, stage, victims)) violations++;
  for (const each of others) reprieve(each, stage, victims);
  for (const each of victims) stage.add(each);
  if (violating.length > 0 && others.length > 0) victims.sort((a, b) => byImportance(a, b, now));
  return { candidate: { node, victims, violations } };
}

function reprieve(pod: PodInfo, stage: WhatIf, victims: PodInfo[]): boolean {
  stage.add(pod);
  if (stage.check() === undefined) return true;
  stage.remove(pod);
  victims.push(pod);
  return false;
}

/** Where the trial is played: in numbers alone where the filters allow that, otherwise in the cache, which is put right again. */
function stageOf(run: FilterRun, node: NodeInfo): WhatIf {
  const { cache } = run.cycle;
  return (
    run.whatIf(node) ?? {
      add: (pod) => cache.place(pod, node.name),
      remove: ({ uid }) => void cache.removePod(uid),
      check: () => run.test(node),
    }
  );
}

/** The higher priority, then who has run longer. */
const byImportance = (a: PodInfo, b: PodInfo, now: Instant): number =>
  b.priority - a.priority || startOf(a, now) - startOf(b, now);

/** A pod that has not started counts as starting now. */
export function startOf({ pod }: PodInfo, now: Instant): Instant {
  const { startTime } = pod.status ?? {};
  return startTime === undefined || startTime === null ? now : (parseTimestamp(startTime) ?? now);
}
