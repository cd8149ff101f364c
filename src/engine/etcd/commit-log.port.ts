import type { Lease } from './leases.js';
import type { LeaseId } from './key-value.js';
import type { WatchEvent } from './watch-event.js';

/** A lease as it is from now on, or the end of one. */
export type LeaseChange =
  { readonly type: 'granted' | 'renewed'; readonly lease: Lease } | { readonly type: 'ended'; readonly id: LeaseId };

/**
 * Where a store tells what it has done, synchronously, before any watcher hears of it. Whoever takes it writes it to
 * disk, and lets nothing of that revision leave the process until it is there.
 */
export interface CommitSink<V> {
  /** All that the transaction of `revision` changed. */
  onCommit(events: readonly WatchEvent<V>[], revision: number): void;
  onLease?(change: LeaseChange): void;
}
