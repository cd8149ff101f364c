import fc from 'fast-check';
import { Random } from './random.js';

const words = (random: Random, count: number) => Array.from({ length: count }, () => random.word());

describe('Random', () => {
  it('repeats itself for one seed and differs for another', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(words(Random.seeded(seed), 20)).toEqual(words(Random.seeded(seed), 20));
        expect(words(Random.seeded(seed), 20)).not.toEqual(words(Random.seeded(seed + 1), 20));
      }),
    );
  });

  it('goes on from a saved state as if it had not stopped', () => {
    const random = Random.seeded(7);
    words(random, 13);
    const resumed = new Random(random.state);
    expect(words(resumed, 50)).toEqual(words(random, 50));
  });

  it('keeps its own sequence undisturbed by a generator split from it', () => {
    const [one, other] = [Random.seeded(3), Random.seeded(3)];
    words(one.split(), 100);
    other.split();
    expect(words(one, 10)).toEqual(words(other, 10));
  });

  it('gives well-formed UUIDs, all different', () => {
    const random = Random.seeded(5);
    const uuids = Array.from({ length: 1_000 }, () => random.uuid());
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(uuids).size).toBe(uuids.length);
  });

  it('deals numbers below a bound evenly', () => {
    const random = Random.seeded(11);
    const counts = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw++) counts[random.below(10)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('gives name suffixes in the alphabet of Kubernetes', () => {
    expect(Random.seeded(1).nameSuffix()).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });
});
