import fc from 'fast-check';
import { FairQueue } from './fair-queue.js';

const takenFrom = <T>(queue: FairQueue<T>): T[] => {
  const taken: T[] = [];
  for (let next = queue.next(); next !== undefined; next = queue.next()) taken.push(next);
  return taken;
};

describe('a fair queue', () => {
  it('lets one of each name pass before the second of any', () => {
    const queue = new FairQueue<string>();
    for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.add(item.charAt(0), item);
    expect(takenFrom(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  it('serves whoever comes into a flood after one of each who waits', () => {
    const queue = new FairQueue<string>();
    for (let count = 0; count < 10_000; count++) queue.add('flood', 'flood');
    for (let count = 0; count < 100; count++) queue.next();
    queue.add('quiet', 'quiet');
    expect([queue.next(), queue.next(), queue.size]).toEqual(['flood', 'quiet', 9_899]);
  });

  it('keeps the order of each name, loses nothing, and never passes anybody over for longer than one turn of all', () => {
    const step = fc.oneof(fc.record({ name: fc.constantFrom('a', 'b', 'c') }), fc.constant('take' as const));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
        const queue = new FairQueue<{ readonly name: string; readonly at: number }>();
        const waiting = new Map<string, number[]>();
        const passedOver = new Map<string, number>();
        steps.forEach((each, at) => {
          if (each !== 'take') {
            queue.add(each.name, { name: each.name, at });
            waiting.set(each.name, [...(waiting.get(each.name) ?? []), at]);
            return;
          }
          const next = queue.next();
          const isEmpty = [...waiting.values()].every(({ length }) => length === 0);
          expect(next === undefined).toBe(isEmpty);
          if (next === undefined) return;
          expect(waiting.get(next.name)!.shift()).toBe(next.at);
          for (const [name, items] of waiting) {
            const count = name === next.name || items.length === 0 ? 0 : (passedOver.get(name) ?? 0) + 1;
            passedOver.set(name, count);
            expect(count).toBeLessThanOrEqual(waiting.size);
          }
        });
        expect(queue.size).toBe([...waiting.values()].flat().length);
      }),
    );
  });
});
