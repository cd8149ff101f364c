import fc from 'fast-check';
import { adjustLimits } from './borrowing.js';
import { allocateSeats } from './concurrency-allocation.js';
import { type LevelObject, PriorityLevel } from './priority-level.js';

const SPAN_MS = 10_000;

const percent = fc.integer({ min: 0, max: 100 });
const levelArbitrary = fc.record({
  shares: fc.integer({ min: 0, max: 200 }),
  lendable: percent,
  borrowing: fc.option(percent, { nil: undefined }),
  wanted: fc.integer({ min: 0, max: 1_000 }),
});

interface LevelGiven {
  readonly shares: number;
  readonly lendable: number;
  readonly borrowing: number | undefined;
  readonly wanted: number;
}

/** Levels after a period in which each wanted so many seats. */
function levelsAfter(given: readonly LevelGiven[], exemptWanted = 0): readonly PriorityLevel[] {
  const limited = given.map(({ shares, lendable, borrowing, wanted }, at) => {
    const spec = {
      type: 'Limited',
      limited: {
        nominalConcurrencyShares: shares,
        lendablePercent: lendable,
        ...(borrowing === undefined ? {} : { borrowingLimitPercent: borrowing }),
        limitResponse: { type: 'Reject' },
      },
    };
    return { level: levelOf(`l${at}`, spec), wanted };
  });
  const all = [...limited, { level: levelOf('exempt', { type: 'Exempt' }), wanted: exemptWanted }];
  const shareSum = all.reduce((sum, { level }) => sum + level.shares, 0);
  for (const { level, wanted } of all) {
    level.divide(shareSum);
    level.demand.set(wanted, 0);
    level.demand.endPeriod(SPAN_MS);
  }
  const levels = all.map(({ level }) => level);
  adjustLimits(levels, SPAN_MS);
  return levels;
}

const levelOf = (name: string, spec: LevelObject['spec']): PriorityLevel =>
  new PriorityLevel({ name, uid: '', spec }, 0);

describe('borrowing between levels', () => {
  it('never gives a level more than it may have, nor less than it keeps, and makes no seats', () => {
    fc.assert(
      fc.property(fc.array(levelArbitrary, { minLength: 1, maxLength: 8 }), fc.nat(300), (given, exempt) => {
        const limited = levelsAfter(given, exempt).filter(({ isExempt }) => !isExempt);
        for (const { queues, min, max } of limited) {
          expect(queues.limit).toBeGreaterThanOrEqual(min);
          expect(queues.limit).toBeLessThanOrEqual(max);
        }
        const sum = (of: (level: PriorityLevel) => number): number =>
          limited.reduce((all, level) => all + of(level), 0);
        // Each limit is rounded by itself.
        expect(sum(({ queues }) => queues.limit)).toBeLessThanOrEqual(
          sum(({ nominal }) => nominal) + limited.length / 2,
        );
      }),
    );
  });

  it('lends what one does not need to one that does, as far as it is lendable', () => {
    const [idle, busy] = levelsAfter([
      { shares: 100, lendable: 50, borrowing: undefined, wanted: 0 },
      { shares: 100, lendable: 0, borrowing: undefined, wanted: 600 },
    ]);
    expect([idle!.nominal, idle!.queues.limit, busy!.queues.limit]).toEqual([300, 150, 450]);
  });

  it('lends no more than the borrower may take', () => {
    const [, busy] = levelsAfter([
      { shares: 100, lendable: 50, borrowing: undefined, wanted: 0 },
      { shares: 100, lendable: 0, borrowing: 10, wanted: 600 },
    ]);
    expect(busy!.queues.limit).toBe(330);
  });

  it('gives a level back what it needs of its own', () => {
    const [first, second] = levelsAfter([
      { shares: 100, lendable: 100, borrowing: undefined, wanted: 600 },
      { shares: 100, lendable: 100, borrowing: undefined, wanted: 600 },
    ]);
    expect([first!.queues.limit, second!.queues.limit]).toEqual([300, 300]);
  });
});

describe('a division of seats', () => {
  const claim = fc
    .tuple(fc.nat(100), fc.nat(100), fc.nat(100))
    .map(([lowerBound, more, span]) => ({ lowerBound, target: lowerBound + more, upperBound: lowerBound + span }));

  it('gives everybody the same part of his target, within his bounds', () => {
    fc.assert(
      fc.property(
        fc.array(claim, { minLength: 1, maxLength: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (claims, at) => {
          const [lowest, highest] = [0, 0].map((_, which) =>
            claims.reduce((sum, each) => sum + (which === 0 ? each.lowerBound : each.upperBound), 0),
          ) as [number, number];
          const total = Math.round(lowest + (highest - lowest) * at);
          const seats = allocateSeats(total, claims)!;
          expect(seats.reduce((sum, each) => sum + each, 0)).toBeCloseTo(total, 4);
          const parts = claims.map(({ target }, index) => seats[index]! / Math.max(target, 0.001));
          const isFree = claims.map(
            ({ lowerBound, upperBound }, index) =>
              seats[index]! > lowerBound + 1e-6 && seats[index]! < upperBound - 1e-6,
          );
          const free = parts.filter((_, index) => isFree[index]);
          for (const part of free) expect(part).toBeCloseTo(free[0]!, 4);
          claims.forEach(({ lowerBound, upperBound }, index) => {
            expect(seats[index]).toBeGreaterThanOrEqual(lowerBound - 1e-6);
            expect(seats[index]).toBeLessThanOrEqual(upperBound + 1e-6);
            if (free.length === 0 || isFree[index]! || lowerBound === upperBound) return;
            // Who stands at a bound would be beyond it with the others' part.
            if (seats[index]! <= lowerBound + 1e-6) expect(parts[index]).toBeGreaterThanOrEqual(free[0]! - 1e-3);
            else expect(parts[index]).toBeLessThanOrEqual(free[0]! + 1e-3);
          });
        },
      ),
    );
  });

  it('is not possible beyond the bounds of all', () => {
    const claims = [{ lowerBound: 2, target: 3, upperBound: 4 }];
    expect([allocateSeats(1, claims), allocateSeats(5, claims), allocateSeats(3, claims)]).toEqual([
      undefined,
      undefined,
      [3],
    ]);
  });
});
