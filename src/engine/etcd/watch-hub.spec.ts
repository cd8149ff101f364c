import fc from 'fast-check';
import { anyRange, anySteps, EVERYTHING, run, take, told, type Seen } from '../../../test/support/etcd-model.js';
import { Store } from './store.js';
import type { WatchEvent } from './watch-event.js';

describe('Store.watch', () => {
  it('gives exactly the history from any revision on, whenever it starts', () => {
    fc.assert(
      fc.property(anySteps, anySteps, anyRange, fc.nat(50), (before, later, range, startRevision) => {
        const { store, model } = run(before);
        const seen: Seen[] = [];
        store.watch({ ...range, startRevision }, (events) => seen.push(told(events)));
        expect(seen).toEqual(model.changes(range, startRevision));
        for (const step of later) {
          take(store, step);
          model.take(step);
        }
        expect(seen).toEqual(model.changes(range, startRevision));
      }),
    );
  });

  it('gives only what is to come without a start', () => {
    fc.assert(
      fc.property(anySteps, anySteps, anyRange, (before, later, range) => {
        const { store, model } = run(before);
        const start = store.revision + 1;
        const seen: Seen[] = [];
        store.watch(range, (events) => seen.push(told(events)));
        for (const step of later) {
          take(store, step);
          model.take(step);
        }
        expect(seen).toEqual(model.changes(range, start));
      }),
    );
  });

  it('gives what the key held before', () => {
    const store = new Store<number>();
    const seen: WatchEvent<number>[] = [];
    store.watch(EVERYTHING, (events) => seen.push(...events));
    const first = store.put('a', 1);
    const second = store.put('a', 2);
    store.delete('a');
    expect(seen).toEqual([
      { type: 'put', key: 'a', revision: 2, value: 1, kv: first, previous: undefined },
      { type: 'put', key: 'a', revision: 3, value: 2, kv: second, previous: first },
      { type: 'delete', key: 'a', revision: 4, value: undefined, kv: undefined, previous: second },
    ]);
  });

  it('keeps revisions in order for all when a listener writes', () => {
    const store = new Store<number>();
    const seen: Record<string, number[]> = { first: [], second: [], late: [] };
    store.watch(EVERYTHING, ([event]) => {
      seen.first!.push(event!.revision);
      if (event!.value === 1) {
        store.put('b', 2);
        store.watch({ prefix: '', startRevision: 2 }, ([each]) => seen.late!.push(each!.revision));
        store.put('c', 3);
      }
    });
    store.watch(EVERYTHING, ([event]) => seen.second!.push(event!.revision));
    store.put('a', 1);
    expect(seen).toEqual({ first: [2, 3, 4], second: [2, 3, 4], late: [2, 3, 4] });
  });

  it('replays without a gap when the listener writes meanwhile', () => {
    const { store } = run([{ do: 'put', key: 'c', value: 1 }]);
    const seen: number[] = [];
    store.watch({ prefix: '', startRevision: 1 }, ([event]) => {
      seen.push(event!.revision);
      if (store.revision < 5) store.put('c', store.revision);
    });
    expect(seen).toEqual([2, 3, 4, 5]);
    store.put('c', 0);
    expect(seen.at(-1)).toBe(6);
  });

  it('is silent once cancelled, in the midst of a delivery too', () => {
    const store = new Store<number>();
    const seen: number[] = [];
    store.watch(EVERYTHING, () => second.cancel());
    const second = store.watch(EVERYTHING, ([event]) => seen.push(event!.revision));
    expect(store.watchers).toBe(2);
    store.put('a', 1);
    second.cancel();
    expect([seen, store.watchers]).toEqual([[], 1]);
  });
});
