import { Arrivals } from './arrivals.js';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const CLUSTER = { tenant: 't', id: 'a' };

describe('Arrivals', () => {
  it('are handled in their order, a few in each turn', async () => {
    const arrivals = new Arrivals();
    const handled: number[] = [];
    for (let number = 0; number < 40; number++) arrivals.add(CLUSTER, () => handled.push(number));
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
    arrivals.add(CLUSTER, () => {
      handled.push('first');
      arrivals.add(CLUSTER, () => handled.push('second'));
    });
    await nextTurn();
    await nextTurn();
    expect(handled).toEqual(['first', 'second']);
  });

  it('let tenants take turns, and the clusters of each', async () => {
    const arrivals = new Arrivals();
    const handled: string[] = [];
    const add = (tenant: string, id: string): void =>
      arrivals.add({ tenant, id }, () => handled.push(`${tenant}/${id}`));
    for (let count = 0; count < 100; count++) add('flood', 'a');
    add('flood', 'b');
    add('quiet', 'c');
    await nextTurn();
    expect(handled.slice(0, 5)).toEqual(['flood/a', 'quiet/c', 'flood/b', 'flood/a', 'flood/a']);
  });
});
