import type { Instant } from '../../kernel/clock.js';
import { startOf, type Candidate } from './select-victims.js';

/** Lifts every priority above 0, so that few pods of a negative priority count less than many. */
const PRIORITY_OFFSET = 2_147_483_648;

/**
 * The candidate that hurts least: fewest broken budgets, then the least important top victim, the least sum of
 * priorities, the fewest victims, and the top victims that started last; among equals the first.
 */
export function pickCandidate(candidates: readonly Candidate[], now: Instant): Candidate | undefined {
  let left = candidates;
  for (const cost of COSTS) {
    if (left.length < 2) break;
    let least = Infinity;
    let best: Candidate[] = [];
    for (const candidate of left) {
      const each = cost(candidate, now);
      if (each > least) continue;
      if (each < least) best = [];
      least = each;
      best.push(candidate);
    }
    left = best;
  }
  return left[0];
}

const topPriority = ({ victims }: Candidate): number => victims[0]?.priority ?? -Infinity;

function earliestStart({ victims }: Candidate, now: Instant): number {
  const top = victims[0]?.priority;
  let earliest = Infinity;
  for (const each of victims) if (each.priority === top) earliest = Math.min(earliest, startOf(each, now));
  return earliest;
}

const COSTS: readonly ((candidate: Candidate, now: Instant) => number)[] = [
  ({ violations }) => violations,
  topPriority,
  ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + PRIORITY_OFFSET, 0),
  ({ victims }) => victims.length,
  (candidate, now) => -earliestStart(candidate, now),
];
