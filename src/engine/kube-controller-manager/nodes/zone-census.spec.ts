import { instant, type Instant } from '../../kernel/clock.js';
import { ZoneCensus } from './zone-census.js';

const at = (second: number): Instant => instant(second * 1_000);
const NOW = at(0);

/** A census of zones, each with so many nodes that are Ready and so many that are not. */
function censusOf(zones: Readonly<Record<string, readonly [ready: number, unready: number]>>): ZoneCensus {
  const census = new ZoneCensus();
  for (const [zone, [ready, unready]] of Object.entries(zones)) {
    for (let index = 0; index < ready; index++) census.note(`${zone}-ready-${index}`, zone, true, NOW);
    for (let index = 0; index < unready; index++) census.note(`${zone}-lost-${index}`, zone, false, NOW);
  }
  return census;
}

/** Seconds until the node after the first of a zone may be evicted; `never` while none may. */
function intervalOf(census: ZoneCensus, zone: string): number | 'never' {
  census.evicted(zone, NOW);
  const turn = census.turnOf(zone, NOW);
  return turn === undefined ? 'never' : turn / 1_000;
}

describe('the zones of a cluster', () => {
  it.each([
    ['one node of many lost', { a: [4, 1] }, 10],
    ['two of three lost', { a: [1, 2] }, 10],
    ['three of five lost', { a: [2, 3] }, 'never'],
    ['three of six lost', { a: [3, 3] }, 10],
    ['most of a large zone lost', { a: [20, 40] }, 100],
    ['a whole zone lost, and another alive', { a: [0, 5], b: [1, 0] }, 10],
    ['all lost', { a: [0, 5], b: [0, 1] }, 'never'],
  ] as const)('with %s are evicted at their rate', (_name, zones, seconds) => {
    expect(intervalOf(censusOf(zones), 'a')).toBe(seconds);
  });

  it('are evicted one node at once, then at the rate', () => {
    const census = censusOf({ a: [5, 2] });
    expect(census.turnOf('a', NOW)).toBe(NOW);
    census.evicted('a', NOW);
    expect(census.turnOf('a', at(3))).toBe(at(10));
  });

  it('wait a whole interval when evictions are resumed', () => {
    const census = censusOf({ a: [2, 3] });
    expect(census.turnOf('a', NOW)).toBeUndefined();
    census.note('a-lost-0', 'a', true, at(60));
    expect(census.turnOf('a', at(60))).toBe(at(70));
  });

  it('tell once whom a change of mode is about', () => {
    const census = censusOf({ a: [1, 1], b: [1, 0] });
    expect(census.takeAffected()).toEqual([]);
    census.note('a-ready-0', 'a', false, NOW);
    expect(census.takeAffected()).toEqual([]);
    census.note('b-ready-0', 'b', false, NOW);
    expect(census.isBlackout).toBe(true);
    expect(census.takeAffected()).toEqual(['a-ready-0', 'a-lost-0', 'b-ready-0']);
    expect(census.takeAffected()).toEqual([]);
  });

  it('are black where their last living node is deleted, and not where there is none', () => {
    const census = censusOf({ a: [1, 0], b: [0, 1] });
    census.forget('a-ready-0', NOW);
    expect(census.isBlackout).toBe(true);
    census.forget('b-lost-0', NOW);
    expect(census.isBlackout).toBe(false);
  });
});
