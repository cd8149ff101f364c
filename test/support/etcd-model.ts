import fc from 'fast-check';
import type { KeyRange } from '../../src/engine/etcd/key-range.js';
import type { KeyValue } from '../../src/engine/etcd/key-value.js';
import { Store } from '../../src/engine/etcd/store.js';
import type { WatchEvent } from '../../src/engine/etcd/watch-event.js';

/** Few keys, so that they meet often; paths, prefixes of each other and neighbours of the separator among them. */
export const KEYS = ['/a/x/1', '/a/x/2', '/a/x/1/deep', '/a/y/1', '/a', '/a/', '/a0', '/b/x', 'c', '/'] as const;

const anyKey = fc.constantFrom(...KEYS);
export const anyBound = fc.oneof(anyKey, fc.constantFrom('/a/x/', '/a/x', '/b/', '/b', ''));
export const anyRange: fc.Arbitrary<KeyRange> = fc.oneof(
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
export const anySteps = fc.array(anyStep, { maxLength: 40 });

export function take(store: Store<number>, step: Step): void {
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
export class Model {
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

export function run(steps: readonly Step[], store = new Store<number>()) {
  const model = new Model();
  for (const step of steps) {
    take(store, step);
    model.take(step);
  }
  return { store, model };
}

export type Seen = [revision: number, changes: Record<string, number | undefined>];

/** The form in which `Model.changes` tells it. */
export const told = (events: readonly WatchEvent<number>[]): Seen => [
  events[0]!.revision,
  Object.fromEntries(events.map(({ key, value }) => [key, value])),
];

export const EVERYTHING = { prefix: '' };
