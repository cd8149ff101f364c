/** What a level may get and would like, in seats. */
export interface SeatClaim {
  readonly target: number;
  readonly lowerBound: number;
  readonly upperBound: number;
}

/** A target of nothing would never get a share. */
const TARGET_MIN = 0.001;
const EPSILON = 1e-7;

/**
 * Divides `total` seats: everybody gets the same proportion of his target, but no less than his lower bound and no more
 * than his upper one. `undefined` where the bounds leave no way. Mirrors upstream's `computeConcurrencyAllocation`.
 */
export function allocateSeats(total: number, claims: readonly SeatClaim[]): readonly number[] | undefined {
  const sum = (of: (claim: SeatClaim) => number): number => claims.reduce((all, claim) => all + of(claim), 0);
  const lowest = sum(({ lowerBound }) => lowerBound);
  const highest = sum(({ upperBound }) => upperBound);
  if (lowest - total > EPSILON || total - highest > EPSILON) return undefined;
  const share = (proportion: number): readonly number[] => claims.map((claim) => shareOf(claim, proportion));
  const given = (proportion: number): number => sum((claim) => shareOf(claim, proportion));

  // What is given grows with the proportion, in straight lines between the proportions at which a bound is met.
  const bends = claims
    .flatMap((claim) => [claim.lowerBound / targetOf(claim), claim.upperBound / targetOf(claim)])
    .sort((a, b) => a - b);
  let [proportion = 0] = bends;
  let amount = given(proportion);
  for (const bend of bends) {
    if (amount >= total - EPSILON) break;
    const next = given(bend);
    if (next >= total) return share(proportion + ((total - amount) / (next - amount)) * (bend - proportion));
    proportion = bend;
    amount = next;
  }
  return share(proportion);
}

const targetOf = ({ target }: SeatClaim): number => Math.max(target, TARGET_MIN);

const shareOf = (claim: SeatClaim, proportion: number): number =>
  Math.max(claim.lowerBound, Math.min(claim.upperBound, proportion * targetOf(claim)));
