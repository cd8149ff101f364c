// Mirrors etcd 3.6 as one member sees it. It leaves out sub-revisions, nested transactions, sorted ranges and users.
import { assert } from '../kernel/assert.js';
import type { Duration } from '../kernel/clock.js';
import type { LeaseChange } from './commit-log.port.js';
import { Compactor } from './compactor.js';
import { CompactedError, FutureRevisionError } from './errors.js';
import type { History } from './history.js';
import { KeyIndex } from './key-index.js';
import type { KeyRange } from './key-range.js';
import { compareKeys, intervalOf, only } from './key-range.js';
import type { KeyValue, LeaseId } from './key-value.js';
import type { Lease } from './leases.js';
import { Leases } from './leases.js';
import { Limits } from './limits.js';
import { pastRange } from './past-range.js';
import type { RangeQuery, RangeResult, ReplayedCommit, StoreOptions, StoreSnapshot } from './store-contract.js';
import { emptyState, historyOf, type StoreState } from './store-state.js';
import type { Operation, OperationResult, Transaction, TransactionResult, ValueSource } from './transaction.js';
import { checkTransaction, holds } from './transaction.js';
import type { Commit, PutEvent, WatchEvent } from './watch-event.js';
import { deleteEvent, putEvent } from './watch-event.js';
import type { Watcher, WatchListener } from './watch-hub.js';
import { WatchHub } from './watch-hub.js';

/** An empty store is at revision 1, so the first change is 2. */
const FIRST_WRITE_REVISION = 2;

/**
 * One member's view of etcd 3.6: multi-version keys, transactions, watches, leases, compaction; synchronous and in memory.
 * Each transaction that writes is one revision. A key's newest version is in the index; older ones are in the history,
 * from which a read of the past undoes what came later. It leaves out sub-revisions, nested transactions, sorted ranges
 * and users. Durability is the sink's; members and their elections stand beside this store, not in it.
 */
export class Store<V> {
  readonly #options: StoreOptions<V>;
  readonly #index: KeyIndex<V>;
  readonly #history: History<V>;
  readonly #hub = new WatchHub<V>();
  readonly #leases: Leases;
  readonly #compactor: Compactor | undefined;
  readonly #limits: Limits<V> | undefined;
  #revision: number;
  /** How many values are being made, prefixes visited and sinks told: nobody may write meanwhile. */
  #writeBarriers = 0;

  constructor(options: StoreOptions<V> = {}, state: StoreState<V> = emptyState(options)) {
    this.#options = options;
    this.#revision = state.revision;
    this.#index = state.index;
    this.#history = state.history;
    this.#leases = new Leases(options.scheduler, (id) => this.revokeLease(id));
    for (const lease of state.leases) this.#leases.add(lease);
    this.#leases.reserve(state.lastLeaseId);
    const { scheduler, compactionInterval, limits } = options;
    this.#limits = limits === undefined ? undefined : new Limits(limits, this);
    if (scheduler !== undefined && compactionInterval !== undefined) {
      this.#compactor = new Compactor(this, scheduler, compactionInterval);
    }
  }

  /** A store as it was when the snapshot was taken. What came before counts as compacted. */
  static restore<V>(snapshot: StoreSnapshot<V>, options: StoreOptions<V> = {}): Store<V> {
    const { revision, items, leases = [], lastLeaseId = 0 } = snapshot;
    const index = new KeyIndex<V>();
    for (const kv of items) index.set(kv);
    const history = historyOf(options, { compactedRevision: revision, watchableFrom: revision + 1 });
    const store = new Store(options, { revision, index, history, leases, lastLeaseId });
    store.#bindLeases();
    return store;
  }

  /** The revision of the last transaction that wrote; 1 in an empty store, as in etcd. */
  get revision(): number {
    return this.#revision;
  }

  /** The oldest revision that can be read; 0 when all can. */
  get compactedRevision(): number {
    return this.#history.compactedRevision;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#index.size;
  }

  /** How many watches are running. */
  get watchers(): number {
    return this.#hub.size;
  }

  /** Changes held in history, and the bytes of the values that they superseded. */
  get historySize(): { readonly events: number; readonly bytes: number } {
    return { events: this.#history.events, bytes: this.#history.bytes };
  }

  /** @throws CompactedError, FutureRevisionError when `revision` cannot be read. */
  get(key: string, { revision }: { readonly revision?: number | undefined } = {}): KeyValue<V> | undefined {
    if (this.#isPast(revision)) {
      const change = this.#history.firstChange(key, revision);
      if (change !== undefined) return change.previous;
    }
    return this.#index.get(key);
  }

  /** @throws CompactedError, FutureRevisionError when `revision` cannot be read. */
  range(query: RangeQuery): RangeResult<V> {
    const { revision, limit = Infinity } = query;
    const interval = intervalOf(query);
    if (this.#isPast(revision)) {
      const overlay = this.#history.overlay(revision, interval);
      return { ...pastRange(this.#index, interval, overlay, limit), revision };
    }
    const items: KeyValue<V>[] = [];
    if (limit > 0) {
      this.#index.visit(interval, (kv) => {
        items.push(kv);
        return items.length >= limit ? 'stop' : undefined;
      });
    }
    const count = items.length < limit ? items.length : this.#index.count(interval);
    return { items, more: count > items.length, count, revision: this.#revision };
  }

  /** Visits the present of every key that starts with `prefix`, in key order, without building a list. Must not write. */
  forEach(prefix: string, visit: (kv: KeyValue<V>) => void): void {
    if (!this.#index.hasBelow(prefix) && this.#index.get(prefix) === undefined) return;
    this.#withoutWrites(() => this.#index.visit(intervalOf({ prefix }), (kv) => visit(kv)));
  }

  /** How many keys the range holds now. */
  count(range: KeyRange): number {
    return this.#index.count(intervalOf(range));
  }

  /** Writes one key, as a transaction of its own and within no limits. @throws LeaseNotFoundError */
  put(key: string, value: ValueSource<V>, { leaseId }: { readonly leaseId?: LeaseId } = {}): KeyValue<V> {
    if (leaseId !== undefined) this.#leases.find(leaseId);
    const revision = this.#revision + 1;
    const event = this.#write(key, this.#make(value, revision), leaseId, revision);
    this.#commit([event]);
    return event.kv;
  }

  /**
   * Writes one key that must still be at `expectedRevision` (0: must not exist), as a transaction of its own; `undefined`
   * when it has moved on. What `transact` does with one compare and one put, without the lists around them.
   * @throws LeaseNotFoundError, RequestTooLargeError, NoSpaceError
   */
  replace(
    key: string,
    value: ValueSource<V>,
    { expectedRevision, leaseId }: { readonly expectedRevision: number; readonly leaseId?: LeaseId | undefined },
  ): KeyValue<V> | undefined {
    if ((this.#index.get(key)?.modRevision ?? 0) !== expectedRevision) return undefined;
    if (leaseId !== undefined) this.#leases.find(leaseId);
    const revision = this.#revision + 1;
    const made = this.#make(value, revision);
    this.#limits?.checkPut(key, made);
    const event = this.#write(key, made, leaseId, revision);
    this.#commit([event]);
    return event.kv;
  }

  /** Deletes one key, as a transaction of its own; gives what it held. A missing key changes nothing, not even the revision. */
  delete(key: string): KeyValue<V> | undefined {
    const previous = this.#index.get(key);
    if (previous !== undefined) this.#commit([this.#remove(previous, this.#revision + 1)]);
    return previous;
  }

  /**
   * Runs `success` if all compares hold, `failure` otherwise, as one revision; operations see those before them.
   * Nothing is written when it throws.
   * @throws LeaseNotFoundError, DuplicateKeyError, TooManyOperationsError, RequestTooLargeError, NoSpaceError
   */
  transact(transaction: Transaction<V>): TransactionResult<V> {
    checkTransaction(transaction);
    const { equals = Object.is } = this.#options;
    const succeeded = transaction.compare.every((each) => holds(each, this.#index.get(each.key), equals));
    const operations = succeeded ? transaction.success : (transaction.failure ?? []);
    const revision = this.#revision + 1;
    const values = operations.map((operation) => {
      if (operation.type !== 'put') return undefined;
      if (operation.leaseId !== undefined) this.#leases.find(operation.leaseId);
      return { made: this.#make(operation.value, revision) };
    });
    this.#limits?.check(operations, values);
    const events: WatchEvent<V>[] = [];
    const results = operations.map((operation, position) =>
      this.#run(operation, values[position]?.made as V, { revision, events }),
    );
    if (events.length > 0) this.#commit(events);
    return { succeeded, revision: events.length > 0 ? revision : this.#revision, results };
  }

  /**
   * Calls `listener` for every revision from `startRevision` on that touches the range: those of the past before this
   * returns, later ones right after they are committed. Without `startRevision`, only what is still to come. A start in
   * the future waits for it. A listener may write; what it writes is delivered after the present revision.
   * @throws CompactedError when history no longer reaches back to `startRevision`.
   */
  watch(query: KeyRange & { readonly startRevision?: number | undefined }, listener: WatchListener<V>): Watcher {
    const next = Math.max(query.startRevision ?? this.#revision + 1, FIRST_WRITE_REVISION);
    const past = next > this.#revision ? [] : this.#history.from(query.startRevision ?? next);
    const subscription = this.#hub.subscribe(query, next, listener);
    this.#hub.replay(subscription, past);
    while (subscription.state === 'replaying' && subscription.next <= this.#revision) {
      this.#hub.replay(subscription, this.#history.from(subscription.next));
    }
    if (subscription.state === 'replaying') subscription.state = 'live';
    return subscription;
  }

  /** Forgets the versions that only reads before `revision` need. @throws CompactedError, FutureRevisionError */
  compact(revision: number): void {
    if (revision <= this.compactedRevision) throw new CompactedError(this.compactedRevision);
    if (revision > this.#revision) throw new FutureRevisionError(this.#revision);
    this.#history.compact(revision);
  }

  grantLease(timeToLive: Duration): Lease {
    const lease = this.#leases.grant(timeToLive);
    this.#options.sink?.onLease?.({ type: 'granted', lease });
    return lease;
  }

  /** Lets the lease live for its whole time again, from now. @throws LeaseNotFoundError */
  keepLeaseAlive(id: LeaseId): Lease {
    const lease = this.#leases.keepAlive(id);
    this.#options.sink?.onLease?.({ type: 'renewed', lease });
    return lease;
  }

  /** Ends a lease and deletes its keys in one transaction; none if it has no keys. @throws LeaseNotFoundError */
  revokeLease(id: LeaseId): void {
    const keys = this.#leases.remove(id).toSorted(compareKeys);
    const revision = this.#revision + 1;
    const events: WatchEvent<V>[] = [];
    for (const key of keys) {
      const current = this.#index.get(key);
      assert(current?.leaseId === id, `${key} is not bound to lease ${id}`);
      events.push(this.#remove(current, revision));
    }
    if (events.length > 0) this.#commit(events);
    // Last: a log that ends in between leaves a lease without keys, never keys without their lease.
    this.#options.sink?.onLease?.({ type: 'ended', id });
  }

  /** @throws LeaseNotFoundError */
  lease(id: LeaseId): Lease & { readonly keys: readonly string[] } {
    return { ...this.#leases.find(id), keys: this.#leases.keysOf(id) };
  }

  leases(): readonly Lease[] {
    return this.#leases.all();
  }

  /** The present, to be kept and restored. It costs next to nothing to take, and may be read while the store goes on. */
  snapshot(): StoreSnapshot<V> {
    return {
      revision: this.#revision,
      items: this.#index.clone(),
      leases: this.leases(),
      lastLeaseId: this.#leases.lastId,
    };
  }

  /** Another store with the same keys, history and leases; values are shared, writes are not. Watches stay behind. */
  fork(options: StoreOptions<V> = {}): Store<V> {
    const store = new Store(options, {
      revision: this.#revision,
      index: this.#index.clone(),
      history: this.#history.clone(),
      leases: this.#leases.all(),
      lastLeaseId: this.#leases.lastId,
    });
    store.#bindLeases();
    return store;
  }

  /** Repeats a transaction from the commit log: into index and history, but not to the sink. Must follow the last revision. */
  replay({ revision, changes }: ReplayedCommit<V>): void {
    assert(revision === this.#revision + 1, `revision ${revision} cannot follow ${this.#revision}`);
    const events: WatchEvent<V>[] = [];
    for (const { key, value, leaseId } of changes) {
      if (value !== undefined) {
        events.push(this.#write(key, value, leaseId, revision));
        continue;
      }
      const current = this.#index.get(key);
      assert(current !== undefined, `revision ${revision} deletes ${key}, which does not exist`);
      events.push(this.#remove(current, revision));
    }
    this.#record({ revision, events });
  }

  /** Repeats a change of leases from the commit log. */
  replayLease(change: LeaseChange): void {
    if (change.type === 'ended') this.#leases.remove(change.id);
    else this.#leases.add(change.lease);
  }

  /** Cancels all timers. To be called when the store is no longer used but its clock goes on. */
  stop(): void {
    this.#compactor?.stop();
    this.#leases.stop();
  }

  #run(operation: Operation<V>, value: V, batch: { revision: number; events: WatchEvent<V>[] }): OperationResult<V> {
    switch (operation.type) {
      case 'get':
        return { type: 'get', kv: this.#index.get(operation.key) };
      case 'put': {
        const event = this.#write(operation.key, value, operation.leaseId, batch.revision);
        batch.events.push(event);
        return { type: 'put', kv: event.kv, previous: event.previous };
      }
      case 'delete': {
        const { items } = this.range('range' in operation ? operation.range : only(operation.key));
        for (const kv of items) batch.events.push(this.#remove(kv, batch.revision));
        return { type: 'delete', previous: items };
      }
    }
  }

  #make(value: ValueSource<V>, revision: number): V {
    if (!isMaker(value)) return value;
    return this.#withoutWrites(() => value(revision));
  }

  #write(key: string, value: V, leaseId: LeaseId | undefined, revision: number): PutEvent<V> {
    this.#assertWritable();
    const previous = this.#index.get(key);
    const createRevision = previous?.createRevision ?? revision;
    const version = (previous?.version ?? 0) + 1;
    const kv: KeyValue<V> =
      leaseId === undefined
        ? { key, value, createRevision, modRevision: revision, version }
        : { key, value, createRevision, modRevision: revision, version, leaseId };
    this.#index.set(kv);
    if (previous?.leaseId !== undefined) this.#leases.detach(previous.leaseId, key);
    if (leaseId !== undefined) this.#leases.attach(leaseId, key);
    return putEvent(kv, previous);
  }

  #remove(current: KeyValue<V>, revision: number): WatchEvent<V> {
    this.#assertWritable();
    this.#index.delete(current.key);
    if (current.leaseId !== undefined) this.#leases.detach(current.leaseId, current.key);
    return deleteEvent(current, revision);
  }

  #commit(events: readonly WatchEvent<V>[]): void {
    const commit = { revision: this.#revision + 1, events };
    this.#record(commit);
    const { sink } = this.#options;
    if (sink !== undefined) this.#withoutWrites(() => sink.onCommit(events, commit.revision));
    this.#hub.publish(commit);
  }

  #record(commit: Commit<V>): void {
    this.#revision = commit.revision;
    this.#history.append(commit);
    this.#limits?.note(commit.events);
    this.#compactor?.noteWrite();
  }

  #withoutWrites<R>(run: () => R): R {
    this.#writeBarriers++;
    try {
      return run();
    } finally {
      this.#writeBarriers--;
    }
  }

  #assertWritable(): void {
    assert(this.#writeBarriers === 0, 'a value, a visit or a sink must not write');
  }

  #isPast(revision: number | undefined): revision is number {
    if (revision === undefined || revision === this.#revision) return false;
    if (revision > this.#revision) throw new FutureRevisionError(this.#revision);
    if (revision < this.compactedRevision) throw new CompactedError(this.compactedRevision);
    return true;
  }

  #bindLeases(): void {
    if (this.#leases.isEmpty) return;
    this.#index.visit(intervalOf({ prefix: '' }), ({ key, leaseId }) => {
      if (leaseId !== undefined) this.#leases.attach(leaseId, key);
    });
  }
}

const isMaker = <V>(source: ValueSource<V>): source is (revision: number) => V => typeof source === 'function';
