import fc from 'fast-check';
import type { Duration, Instant } from '../kernel/clock.js';
import { instant, minutes, seconds } from '../kernel/clock.js';
import type { LeaseChange } from './commit-log.port.js';
import { LeaseNotFoundError } from './errors.js';
import { Store } from './store.js';
import type { StoreOptions } from './store-contract.js';
import type { WatchEvent } from './watch-event.js';

/** A clock that is moved by hand and knows what is planned. */
class ManualClock {
  now: Instant = instant(0);
  #planned: { readonly at: number; readonly run: () => void }[] = [];

  get planned(): number {
    return this.#planned.length;
  }

  after(delay: Duration, run: () => void) {
    const entry = { at: this.now + delay, run };
    this.#planned.push(entry);
    return { cancel: () => void (this.#planned = this.#planned.filter((each) => each !== entry)) };
  }

  advance(duration: Duration): void {
    const end = this.now + duration;
    for (;;) {
      const due = this.#planned.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#planned = this.#planned.filter((each) => each !== due);
      this.now = instant(due.at);
      due.run();
    }
    this.now = instant(end);
  }
}

function storeWithClock(options: StoreOptions<string> = {}) {
  const clock = new ManualClock();
  const store = new Store<string>({ scheduler: clock, ...options });
  const seen: WatchEvent<string>[][] = [];
  store.watch({ prefix: '' }, (events) => seen.push([...events]));
  return { clock, store, seen };
}

describe('a lease', () => {
  it('takes its keys with it in one revision when it ends', () => {
    const { clock, store, seen } = storeWithClock();
    const { id } = store.grantLease(seconds(10));
    store.put('b', '1', { leaseId: id });
    store.put('a', '2', { leaseId: id });
    store.put('c', '3');
    clock.advance(seconds(9));
    expect(store.size).toBe(3);
    clock.advance(seconds(1));
    expect(store.range({ prefix: '' }).items.map(({ key }) => key)).toEqual(['c']);
    expect(seen.at(-1)!.map(({ type, key, revision }) => [type, key, revision])).toEqual([
      ['delete', 'a', 5],
      ['delete', 'b', 5],
    ]);
    expect(() => store.lease(id)).toThrow(LeaseNotFoundError);
  });

  it('lives on while it is kept alive', () => {
    const { clock, store } = storeWithClock();
    const { id } = store.grantLease(seconds(10));
    store.put('a', '1', { leaseId: id });
    for (let count = 0; count < 10; count++) {
      clock.advance(seconds(7));
      store.keepLeaseAlive(id);
      expect(clock.planned).toBe(1);
    }
    expect(store.lease(id)).toEqual({ id, timeToLive: 10_000, expiresAt: 80_000, keys: ['a'] });
    clock.advance(seconds(10));
    expect([store.size, clock.planned]).toEqual([0, 0]);
  });

  it('lets go of a key that is written without it or with another', () => {
    const { store } = storeWithClock();
    const [first, second] = [store.grantLease(seconds(10)), store.grantLease(seconds(20))];
    store.put('a', '1', { leaseId: first.id });
    store.put('b', '1', { leaseId: first.id });
    store.put('a', '2');
    store.put('b', '2', { leaseId: second.id });
    store.revokeLease(first.id);
    expect(store.size).toBe(2);
    store.revokeLease(second.id);
    expect(store.range({ prefix: '' }).items.map(({ key }) => key)).toEqual(['a']);
  });

  it('takes no revision when it has no keys', () => {
    const { clock, store } = storeWithClock();
    const { id } = store.grantLease(seconds(1));
    store.put('a', '1', { leaseId: id });
    store.delete('a');
    clock.advance(seconds(2));
    expect([store.revision, store.leases()]).toEqual([3, []]);
  });

  it('must exist to be used', () => {
    const { store } = storeWithClock();
    const unknown = 'etcdserver: requested lease not found';
    expect(() => store.put('a', '1', { leaseId: 7 })).toThrow(unknown);
    const success = ['b', 'a'].map((key) => ({
      type: 'put' as const,
      key,
      value: '1',
      ...(key === 'a' && { leaseId: 7 }),
    }));
    expect(() => store.transact({ compare: [], success })).toThrow(unknown);
    expect(() => store.keepLeaseAlive(7)).toThrow(unknown);
    expect(() => store.revokeLease(7)).toThrow(unknown);
    expect([store.size, store.revision]).toEqual([0, 1]);
  });

  it('is told to the sink, its end after the deletion of its keys', () => {
    const told: string[] = [];
    const sink = {
      onCommit: (events: readonly WatchEvent<string>[]) => void told.push(events.map(({ type }) => type).join()),
      onLease: (change: LeaseChange) => void told.push(change.type),
    };
    const { clock, store } = storeWithClock({ sink });
    const { id } = store.grantLease(seconds(10));
    store.put('a', '1', { leaseId: id });
    store.keepLeaseAlive(id);
    clock.advance(minutes(1));
    expect(told).toEqual(['granted', 'put', 'renewed', 'delete', 'ended']);
  });

  it('survives a restart and a fork with its keys and its end', () => {
    const anyGrant = fc.record({ wait: fc.nat(5), timeToLive: fc.integer({ min: 1, max: 20 }), keys: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(anyGrant, { maxLength: 6 }), fc.nat(20), (grants, later) => {
        const { clock, store } = storeWithClock();
        for (const { wait, timeToLive, keys } of grants) {
          clock.advance(seconds(wait));
          const { id } = store.grantLease(seconds(timeToLive));
          for (let key = 0; key < keys; key++) store.put(`${id}-${key}`, '', { leaseId: id });
        }
        const restored = Store.restore(store.snapshot(), { scheduler: clock });
        const fork = store.fork({ scheduler: clock });
        clock.advance(seconds(later));
        const leftBy = (each: Store<string>) => each.range({ prefix: '' }).items.map(({ key }) => key);
        for (const each of [restored, fork]) {
          expect(leftBy(each)).toEqual(leftBy(store));
          expect(each.leases()).toEqual(store.leases());
        }
        expect(fork.grantLease(seconds(1)).id).toBe(grants.length + 1);
        expect(restored.grantLease(seconds(1)).id).toBe(grants.length + 1);
      }),
    );
  });

  it('can be repeated from a log', () => {
    const clock = new ManualClock();
    const copy = new Store<string>({ scheduler: clock });
    const sink = {
      onCommit: (changes: readonly WatchEvent<string>[], revision: number) =>
        copy.replay({
          revision,
          changes: changes.map(({ key, value, kv }) => ({
            key,
            value,
            ...(kv?.leaseId === undefined ? {} : { leaseId: kv.leaseId }),
          })),
        }),
      onLease: (change: LeaseChange) => copy.replayLease(change),
    };
    const store = new Store<string>({ scheduler: clock, sink });
    const [first, second] = [store.grantLease(seconds(10)), store.grantLease(seconds(20))];
    store.put('a', '1', { leaseId: first.id });
    store.put('b', '1', { leaseId: second.id });
    store.keepLeaseAlive(second.id);
    expect(copy.snapshot()).toEqual(store.snapshot());
    store.revokeLease(first.id);
    expect(copy.snapshot()).toEqual(store.snapshot());
    expect(copy.lease(second.id).keys).toEqual(['b']);
  });
});

describe('a quiet store', () => {
  it('plans nothing', () => {
    const { clock } = storeWithClock({ compactionInterval: minutes(5) });
    expect(clock.planned).toBe(0);
  });

  it('compacts what is older than an interval, then plans nothing again', () => {
    const { clock, store } = storeWithClock({ compactionInterval: minutes(5) });
    store.put('a', '1');
    store.put('a', '2');
    expect(clock.planned).toBe(1);
    clock.advance(minutes(5));
    expect(store.get('a', { revision: 2 })?.value).toBe('1');
    store.put('a', '3');
    clock.advance(minutes(5));
    expect(store.compactedRevision).toBe(3);
    clock.advance(minutes(5));
    expect([store.compactedRevision, clock.planned, store.historySize.events]).toEqual([4, 0, 1]);
    store.put('a', '4');
    expect(clock.planned).toBe(1);
    store.stop();
    expect(clock.planned).toBe(0);
  });
});
