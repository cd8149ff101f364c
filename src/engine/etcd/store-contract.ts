import type { Duration } from '../kernel/clock.js';
import type { CommitSink } from './commit-log.port.js';
import type { KeyRange } from './key-range.js';
import type { KeyValue, LeaseId } from './key-value.js';
import type { Lease, Scheduler } from './leases.js';
import type { LimitOptions } from './limits.js';

/** How many changes history holds before the oldest are compacted early. */
export const HISTORY_EVENTS_MAX = 200_000;
/** How much history's superseded values may weigh, in bytes as `sizeOf` counts them. */
export const HISTORY_BYTES_MAX = 256 * 1_024 * 1_024;

export interface StoreOptions<V> {
  /** The cluster's clock. Without it there are no leases and no automatic compaction. */
  readonly scheduler?: Scheduler;
  /** How often history is compacted while there is some; without it, only on demand and at the maxima. */
  readonly compactionInterval?: Duration;
  readonly sink?: CommitSink<V>;
  /** The bytes that one value weighs in history; 0 each unless given. */
  readonly sizeOf?: (value: V) => number;
  /** What a transaction may weigh, and the database; neither is measured unless given. */
  readonly limits?: LimitOptions<V>;
  /** How compares of values decide; identity unless given. */
  readonly equals?: (a: V, b: V) => boolean;
  readonly historyEventsMax?: number;
  readonly historyBytesMax?: number;
}

/** All that outlives a restart: the present, without its history. */
export interface StoreSnapshot<V> {
  readonly revision: number;
  /** In any order. */
  readonly items: Iterable<KeyValue<V>>;
  readonly leases?: Iterable<Lease>;
  /** The last lease id that was handed out. */
  readonly lastLeaseId?: LeaseId;
}

export type RangeQuery = KeyRange & {
  /** Reads the store as it was then; now unless given. */
  readonly revision?: number | undefined;
  /** The most items to give; all unless given. */
  readonly limit?: number | undefined;
};

export interface RangeResult<V> {
  /** In key order. */
  readonly items: readonly KeyValue<V>[];
  /** Whether the limit left some out. */
  readonly more: boolean;
  /** All keys in the range, those that the limit left out too. */
  readonly count: number;
  /** The revision that was read. */
  readonly revision: number;
}

/** A committed transaction, read back from disk. */
export interface ReplayedCommit<V> {
  readonly revision: number;
  readonly changes: readonly { readonly key: string; readonly value: V | undefined; readonly leaseId?: LeaseId }[];
}
