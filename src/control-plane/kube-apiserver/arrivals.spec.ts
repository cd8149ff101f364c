import { Arrivals } from './arrivals.js';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Arrivals', () => {
  it('are handled in their order, a few in each turn', async () => {
    const arrivals = new Arrivals();
    const handled: number[] = [];
    for (let number = 0; number < 40; number++) arrivals.add(() => handled.push(number));
    expect(handled).toEqual([]);
    await nextTurn();
    expect(handled).toHaveLength(16);
    await nextTurn();
    await nextTurn();
    expect(handled).toEqual(Array.from({ length: 40 }, (_, number) => number));
  });

  it('may come while others are handled', async () => {
    const arrivals = new Arrivals();
    const handled: string[] = [];
    arrivals.add(() => {
      handled.push('first');
      arrivals.add(() => handled.push('second'));
    });
    await nextTurn();
    await nextTurn();
    expect(handled).toEqual(['first', 'second']);
  });
});
