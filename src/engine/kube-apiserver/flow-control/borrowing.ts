/** Which level has how many seats for the next period: what some do not need, others may use. Mirrors upstream's `updateBorrowing`. */
import { allocateSeats, type SeatClaim } from './concurrency-allocation.js';
import type { PriorityLevel } from './priority-level.js';

/** Divides the seats anew, by what the levels wanted in the period that has just ended. */
export function adjustLimits(levels: readonly PriorityLevel[], now: number): void {
  const nominalSum = sumOf(levels, ({ nominal }) => nominal);
  const limited = levels.filter(({ isExempt }) => !isExempt);
  let remaining = nominalSum;
  for (const level of levels) {
    if (!level.isExempt) continue;
    const taken = Math.max(level.min, level.demand.highWatermark);
    remaining -= taken;
    level.queues.setLimit(taken, now);
  }
  const limits = limitsOf(limited, remaining, nominalSum);
  limited.forEach((level, at) => level.queues.setLimit(limits[at]!, now));
}

function limitsOf(levels: readonly PriorityLevel[], remaining: number, nominalSum: number): readonly number[] {
  const claims = levels.map(claimOf);
  const minSum = sumOf(levels, ({ min }) => min);
  const lowerSum = sumOf(claims, ({ lowerBound }) => lowerBound);
  if (remaining <= minSum) return levels.map(({ min }) => min);
  if (remaining <= lowerSum) {
    const part = (remaining - minSum) / (lowerSum - minSum);
    return levels.map(({ min }, at) => min + Math.round((claims[at]!.lowerBound - min) * part));
  }
  const allocated = allocateSeats(nominalSum, claims);
  // Without a way to meet all bounds everything stays as it is.
  return allocated?.map(Math.round) ?? levels.map(({ queues }) => queues.limit);
}

/** A level keeps what it used, up to its own share, and never lends more than it may. */
function claimOf({ min, max, nominal, demand }: PriorityLevel): SeatClaim {
  const lowerBound = Math.max(min, Math.min(nominal, demand.highWatermark));
  return { lowerBound, upperBound: max, target: Math.max(lowerBound, demand.smoothed) };
}

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);
