import fc from 'fast-check';
import { CompactedError, DuplicateKeyError, FutureRevisionError } from './errors.js';
import type { KeyRange } from './key-range.js';
import type { KeyValue } from './key-value.js';
import { Store } from './store.js';
import type { Operation, Transaction } from './transaction.js';
import type { WatchEvent } from './watch-event.js';

/** Few keys, so that they meet often; paths, prefixes of each other and neighbours of the separator among them. */
const KEYS = ['/a/x/1', '/a/x/2', '/a/x/1/deep', '/a/y/1', '/a', '/a/', '/a0', '/b/x', 'c', '/'] as const;

const anyKey = fc.constantFrom(...KEYS);
const anyBound = fc.oneof(anyKey, fc.constantFrom('/a/x/', '/a/x', '/b/', '/b', ''));
const anyRange: fc.Arbitrary<KeyRange> = fc.oneof(
  fc.record({ prefix: anyBound }),
  fc.record({ from: anyBound }),
  fc.record({ from: anyBound, to: anyBound }),
  anyKey.map((key) => ({ from: key, to: `${key}\0` })),
);

type Step =
  | { readonly do: 'put'; readonly key: string; readonly value: number }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'deleteRange'; readonly range: KeyRange }
  | { readonly do: 'puts'; readonly keys: readonly string[]; readonly value: number }
  | { readonly do: 'guarded'; readonly key: string; readonly modRevision: number; readonly value: number };

const anyValue = fc.nat(99);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), key: anyKey, value: anyValue }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key: anyKey }) },
  fc.record({ do: fc.constant('deleteRange' as const), range: anyRange }),
  fc.record({
    do: fc.constant('puts' as const),
    keys: fc.uniqueArray(anyKey, { minLength: 1, maxLength: 4 }),
    value: anyValue,
  }),
  fc.record({ do: fc.constant('guarded' as const), key: anyKey, modRevision: fc.nat(30), value: anyValue }),
);
const anySteps = fc.array(anyStep, { maxLength: 40 });

function take(store: Store<number>, step: Step): void {
  switch (step.do) {
    case 'put':
      store.put(step.key, step.value);
      return;
    case 'delete':
      store.delete(step.key);
      return;
    case 'deleteRange':
      store.transact({ compare: [], success: [{ type: 'delete', range: step.range }] });
      return;
    case 'puts':
      store.transact({ compare: [], success: step.keys.map((key) => ({ type: 'put', key, value: step.value })) });
      return;
    case 'guarded':
      store.transact({
        compare: [{ key: step.key, target: 'modRevision', operator: '=', operand: step.modRevision }],
        success: [{ type: 'put', key: step.key, value: step.value }],
        failure: [{ type: 'delete', key: step.key }],
      });
  }
}

type Snapshot = ReadonlyMap<string, KeyValue<number>>;

/** The naive store: a full copy for each revision. */
class Model {
  readonly snapshots: Snapshot[] = [new Map(), new Map()];

  get revision(): number {
    return this.snapshots.length - 1;
  }

  take(step: Step): void {
    const present = this.snapshots.at(-1)!;
    switch (step.do) {
      case 'put':
        return this.#commit({ [step.key]: step.value });
      case 'delete':
        return this.#commit({ [step.key]: undefined });
      case 'deleteRange':
        return this.#commit(Object.fromEntries([...keysIn(present, step.range)].map((key) => [key, undefined])));
      case 'puts':
        return this.#commit(Object.fromEntries(step.keys.map((key) => [key, step.value])));
      case 'guarded': {
        const isEqual = (present.get(step.key)?.modRevision ?? 0) === step.modRevision;
        return this.#commit({ [step.key]: isEqual ? step.value : undefined });
      }
    }
  }

  #commit(changes: Record<string, number | undefined>): void {
    const present = this.snapshots.at(-1)!;
    const next = new Map(present);
    for (const [key, value] of Object.entries(changes)) {
      const old = present.get(key);
      const revision = this.revision + 1;
      if (value === undefined) next.delete(key);
      else {
        const createRevision = old?.createRevision ?? revision;
        next.set(key, { key, value, createRevision, modRevision: revision, version: (old?.version ?? 0) + 1 });
      }
    }
    const isWrite = Object.entries(changes).some(([key, value]) => value !== undefined || present.has(key));
    if (isWrite) this.snapshots.push(next);
  }

  range(range: KeyRange, revision = this.revision): KeyValue<number>[] {
    const snapshot = this.snapshots[revision]!;
    return [...keysIn(snapshot, range)].map((key) => snapshot.get(key)!);
  }

  /** What each revision from `start` on changed in the range. */
  changes(range: KeyRange, start: number): [revision: number, changes: Record<string, number | undefined>][] {
    const found: [number, Record<string, number | undefined>][] = [];
    for (let revision = Math.max(start, 2); revision <= this.revision; revision++) {
      const before = this.snapshots[revision - 1]!;
      const now = this.snapshots[revision]!;
      const keys = [...keysIn(new Map([...before, ...now]), range)].filter((key) => before.get(key) !== now.get(key));
      if (keys.length > 0) found.push([revision, Object.fromEntries(keys.map((key) => [key, now.get(key)?.value]))]);
    }
    return found;
  }
}

function keysIn(snapshot: Snapshot, range: KeyRange): string[] {
  const isIn = (key: string): boolean =>
    'prefix' in range ? key.startsWith(range.prefix) : key >= range.from && (range.to === undefined || key < range.to);
  return [...snapshot.keys()].filter(isIn).sort();
}

function run(steps: readonly Step[], store = new Store<number>()) {
  const model = new Model();
  for (const step of steps) {
    take(store, step);
    model.take(step);
  }
  return { store, model };
}

type Seen = [revision: number, changes: Record<string, number | undefined>];

/** The form in which `Model.changes` tells it. */
const told = (events: readonly WatchEvent<number>[]): Seen => [
  events[0]!.revision,
  Object.fromEntries(events.map(({ key, value }) => [key, value])),
];

const EVERYTHING = { prefix: '' };

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

describe('Store.transact', () => {
  const guard = (compare: Transaction<number>['compare']): boolean =>
    storeWithTwo().transact({ compare, success: [] }).succeeded;

  /** `a`: made at 2, changed at 3, worth 11. */
  function storeWithTwo(): Store<number> {
    const store = new Store<number>();
    store.put('a', 10);
    store.put('a', 11);
    return store;
  }

  it('compares revisions, versions, leases and values', () => {
    expect(guard([{ key: 'a', target: 'createRevision', operator: '=', operand: 2 }])).toBe(true);
    expect(guard([{ key: 'a', target: 'modRevision', operator: '>', operand: 2 }])).toBe(true);
    expect(guard([{ key: 'a', target: 'modRevision', operator: '<', operand: 3 }])).toBe(false);
    expect(guard([{ key: 'a', target: 'version', operator: '!=', operand: 2 }])).toBe(false);
    expect(guard([{ key: 'a', target: 'lease', operator: '=', operand: 0 }])).toBe(true);
    expect(guard([{ key: 'a', target: 'value', operator: '=', operand: 11 }])).toBe(true);
    expect(guard([{ key: 'a', target: 'value', operator: '!=', operand: 11 }])).toBe(false);
  });

  it('counts a missing key as 0, and as no value at all', () => {
    expect(guard([{ key: 'b', target: 'modRevision', operator: '=', operand: 0 }])).toBe(true);
    expect(guard([{ key: 'b', target: 'version', operator: '<', operand: 1 }])).toBe(true);
    expect(guard([{ key: 'b', target: 'value', operator: '!=', operand: 11 }])).toBe(false);
  });

  it('needs all compares to hold', () => {
    const compare = [2, 9].map((operand) => ({
      key: 'a',
      target: 'createRevision' as const,
      operator: '=' as const,
      operand,
    }));
    expect(guard(compare)).toBe(false);
  });

  it('runs one branch as one revision and answers each operation', () => {
    const store = storeWithTwo();
    const result = store.transact({
      compare: [{ key: 'a', target: 'version', operator: '=', operand: 2 }],
      success: [
        { type: 'put', key: 'b', value: 20 },
        { type: 'get', key: 'b' },
        { type: 'delete', key: 'a' },
        { type: 'get', key: 'a' },
      ],
      failure: [{ type: 'put', key: 'never', value: 0 }],
    });
    const b = { key: 'b', value: 20, createRevision: 4, modRevision: 4, version: 1 };
    const a = { key: 'a', value: 11, createRevision: 2, modRevision: 3, version: 2 };
    expect(result).toEqual({
      succeeded: true,
      revision: 4,
      results: [
        { type: 'put', kv: b, previous: undefined },
        { type: 'get', kv: b },
        { type: 'delete', previous: [a] },
        { type: 'get', kv: undefined },
      ],
    });
    expect(store.revision).toBe(4);
  });

  it('takes no revision for a branch that writes nothing', () => {
    const store = storeWithTwo();
    const { succeeded, revision, results } = store.transact({
      compare: [{ key: 'a', target: 'modRevision', operator: '=', operand: 2 }],
      success: [{ type: 'put', key: 'a', value: 12 }],
      failure: [
        { type: 'get', key: 'a' },
        { type: 'delete', key: 'b' },
      ],
    });
    expect([succeeded, revision, store.revision]).toEqual([false, 3, 3]);
    expect(results[0]).toMatchObject({ type: 'get', kv: { value: 11 } });
  });

  it('refuses to write a key twice', () => {
    const store = storeWithTwo();
    const put: Operation<number> = { type: 'put', key: 'a', value: 1 };
    expect(() => store.transact({ compare: [], success: [put, put] })).toThrow(DuplicateKeyError);
    expect(() => store.transact({ compare: [], success: [put, { type: 'delete', range: { prefix: '' } }] })).toThrow(
      'etcdserver: duplicate key given in txn request',
    );
    expect(() => store.transact({ compare: [], success: [], failure: [put, { type: 'delete', key: 'a' }] })).toThrow(
      DuplicateKeyError,
    );
  });

  it('refuses too many operations', () => {
    const success = Array.from({ length: 129 }, (_, index) => ({ type: 'get' as const, key: `k${index}` }));
    expect(() => storeWithTwo().transact({ compare: [], success })).toThrow(
      'etcdserver: too many operations in txn request',
    );
  });
});

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
