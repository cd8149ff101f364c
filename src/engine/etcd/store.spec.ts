import fc from 'fast-check';
import {
  anyBound,
  anyRange,
  anySteps,
  EVERYTHING,
  KEYS,
  Model,
  run,
  take,
  told,
  type Seen,
} from '../../../test/support/etcd-model.js';
import { CompactedError, FutureRevisionError } from './errors.js';
import type { KeyValue } from './key-value.js';
import { Store } from './store.js';
import type { Operation } from './transaction.js';

describe('Store', () => {
  it('starts empty at revision 1', () => {
    const store = new Store<number>();
    expect([store.revision, store.size, store.compactedRevision]).toEqual([1, 0, 0]);
    expect(store.range(EVERYTHING)).toEqual({ items: [], more: false, count: 0, revision: 1 });
  });

  it('reads every revision as it was', () => {
    fc.assert(
      fc.property(anySteps, anyRange, fc.option(fc.integer({ min: 1, max: 5 })), (steps, range, limited) => {
        const { store, model } = run(steps);
        expect(store.revision).toBe(model.revision);
        const limit = limited ?? undefined;
        for (let revision = 1; revision <= model.revision; revision++) {
          const all = model.range(range, revision);
          const items = all.slice(0, limit);
          const expected = { items, more: items.length < all.length, count: all.length, revision };
          expect(store.range({ ...range, revision, limit })).toEqual(expected);
          for (const key of KEYS) {
            expect(store.get(key, { revision })).toEqual(model.snapshots[revision]!.get(key));
          }
        }
        expect(store.count(range)).toBe(model.range(range).length);
        expect(store.size).toBe(model.range(EVERYTHING).length);
      }),
    );
  });

  it('visits a prefix in key order', () => {
    fc.assert(
      fc.property(anySteps, anyBound, (steps, prefix) => {
        const { store, model } = run(steps);
        const visited: KeyValue<number>[] = [];
        store.forEach(prefix, (kv) => visited.push(kv));
        expect(visited).toEqual(model.range({ prefix }));
      }),
    );
  });

  it('can be read while it is visited', () => {
    const { store } = run(['/a', 'c'].map((key) => ({ do: 'put', key, value: 1 })));
    const pairs: string[] = [];
    store.forEach('', ({ key: outer }) => store.forEach('', ({ key: inner }) => pairs.push(outer + inner)));
    expect(pairs).toEqual(['/a/a', '/ac', 'c/a', 'cc']);
    store.delete('c');
    expect(store.size).toBe(1);
  });

  it('refuses revisions that are to come', () => {
    const { store } = run([{ do: 'put', key: 'c', value: 1 }]);
    expect(() => store.get('c', { revision: 3 })).toThrow(FutureRevisionError);
    expect(() => store.range({ prefix: '', revision: 3 })).toThrow(
      'etcdserver: mvcc: required revision is a future revision',
    );
    expect(() => store.compact(3)).toThrow(FutureRevisionError);
  });

  it('gives makers of values the revision that they are written at', () => {
    const store = new Store<string>();
    expect(store.put('a', (revision) => `at ${revision}`)).toMatchObject({ value: 'at 2', modRevision: 2 });
    store.transact({ compare: [], success: [{ type: 'put', key: 'b', value: (revision) => `at ${revision}` }] });
    expect(store.get('b')).toMatchObject({ value: 'at 3', modRevision: 3 });
  });

  it('writes nothing when a value cannot be made', () => {
    const store = new Store<string>();
    const fail = (): string => {
      throw new Error('no value');
    };
    const success: Operation<string>[] = [
      { type: 'put', key: 'a', value: 'kept out' },
      { type: 'put', key: 'b', value: fail },
    ];
    expect(() => store.transact({ compare: [], success })).toThrow('no value');
    expect([store.size, store.revision]).toEqual([0, 1]);
    store.put('a', 'in');
    expect(store.get('a')?.modRevision).toBe(2);
  });

  it('lets nobody write while a value is made, a prefix visited or the sink told', () => {
    const nested = new Store<number>({ sink: { onCommit: () => void nested.put('b', 1) } });
    expect(() => nested.put('a', 1)).toThrow('must not write');
    const store = new Store<number>();
    expect(() => store.put('a', () => store.put('b', 1).value)).toThrow('must not write');
    store.put('a', 1);
    expect(() => store.forEach('', ({ key }) => store.delete(key))).toThrow('must not write');
  });

  it('tells the sink of every commit before any watcher', () => {
    const order: string[] = [];
    const store = new Store<number>({
      sink: { onCommit: (events, revision) => order.push(`sink ${revision} ${events.map(({ key }) => key).join()}`) },
    });
    store.watch(EVERYTHING, ([event]) => order.push(`watch ${event!.revision}`));
    store.put('a', 1);
    store.transact({ compare: [], success: ['b', 'c'].map((key) => ({ type: 'put', key, value: 1 })) });
    store.delete('missing');
    expect(order).toEqual(['sink 2 a', 'watch 2', 'sink 3 b,c', 'watch 3']);
  });
});

describe('Store.compact', () => {
  it('forgets what came before and nothing else', () => {
    fc.assert(
      fc.property(anySteps, fc.nat(40), anyRange, (steps, at, range) => {
        const { store, model } = run(steps);
        const compacted = Math.max(1, Math.min(at, model.revision));
        store.compact(compacted);
        expect(store.compactedRevision).toBe(compacted);
        for (let revision = 1; revision <= model.revision; revision++) {
          const read = () => store.range({ ...range, revision }).items;
          const seen: Seen[] = [];
          const watch = () => store.watch({ ...range, startRevision: revision }, (events) => seen.push(told(events)));
          if (revision < compacted && revision < model.revision) {
            expect(read).toThrow(CompactedError);
            expect(watch).toThrow('etcdserver: mvcc: required revision has been compacted');
            continue;
          }
          watch();
          expect(read()).toEqual(model.range(range, revision));
          expect(seen).toEqual(model.changes(range, revision));
        }
      }),
    );
  });

  it('refuses to compact twice', () => {
    const { store } = run([{ do: 'put', key: 'c', value: 1 }]);
    store.compact(2);
    expect(() => store.compact(2)).toThrow(CompactedError);
  });

  it('holds no more than its maxima', () => {
    const store = new Store<string>({ historyEventsMax: 5, historyBytesMax: 10, sizeOf: (value) => value.length });
    for (let count = 0; count < 5_000; count++) store.put(`k${count % 3}`, 'x'.repeat(count % 7));
    expect(store.historySize.events).toBeLessThanOrEqual(5);
    expect(store.historySize.bytes).toBeLessThanOrEqual(10);
    expect(store.compactedRevision).toBeGreaterThan(4_990);
    expect(() => store.get('k0', { revision: 4_000 })).toThrow(CompactedError);
    expect(store.size).toBe(3);
  });
});

describe('Store.fork and Store.restore', () => {
  it('give a fork the same past and separate futures', () => {
    fc.assert(
      fc.property(anySteps, anySteps, anySteps, (common, left, right) => {
        const { store, model } = run(common);
        const fork = store.fork();
        const forked = new Model();
        for (const step of [...common, ...right]) forked.take(step);
        for (const step of left) {
          take(store, step);
          model.take(step);
        }
        for (const step of right) take(fork, step);
        for (const [each, expected] of [
          [store, model],
          [fork, forked],
        ] as const) {
          expect(each.revision).toBe(expected.revision);
          for (let revision = 1; revision <= expected.revision; revision++) {
            expect(each.range({ prefix: '', revision }).items).toEqual(expected.range(EVERYTHING, revision));
          }
        }
        const seen: Seen[] = [];
        fork.watch({ prefix: '', startRevision: 1 }, (events) => seen.push(told(events)));
        expect(seen).toEqual(forked.changes(EVERYTHING, 1));
      }),
    );
  });

  it('restore the present and repeat what followed', () => {
    fc.assert(
      fc.property(anySteps, anySteps, (before, later) => {
        const { store } = run(before);
        const restored = Store.restore(store.snapshot());
        expect(restored.snapshot()).toEqual(store.snapshot());
        const start = store.revision + 1;
        store.watch(EVERYTHING, (changes) => restored.replay({ revision: changes[0]!.revision, changes }));
        for (const step of later) take(store, step);
        expect(restored.snapshot()).toEqual(store.snapshot());
        const [seen, expected]: [Seen[], Seen[]] = [[], []];
        restored.watch({ prefix: '', startRevision: start }, (events) => seen.push(told(events)));
        store.watch({ prefix: '', startRevision: start }, (events) => expected.push(told(events)));
        expect(seen).toEqual(expected);
        if (start > 2) expect(() => restored.watch({ prefix: '', startRevision: start - 1 }, () => {})).toThrow();
      }),
    );
  });

  it('refuses a commit that does not follow', () => {
    const store = Store.restore<number>({ revision: 7, items: [] });
    expect(() => store.replay({ revision: 9, changes: [{ key: 'a', value: 1 }] })).toThrow('cannot follow 7');
    expect(() => store.replay({ revision: 8, changes: [{ key: 'a', value: undefined }] })).toThrow('does not exist');
  });
});
