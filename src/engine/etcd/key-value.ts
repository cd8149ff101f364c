/** A lease's number in its store: from 1 upwards, in order of granting. */
export type LeaseId = number;

/** One version of one key. Immutable, and shared by readers, watchers, history and forks. */
export interface KeyValue<V> {
  readonly key: string;
  readonly value: V;
  /** The revision that made the key in its present life. */
  readonly createRevision: number;
  /** The revision that wrote this version. */
  readonly modRevision: number;
  /** Writes since the key was made; the first is 1. */
  readonly version: number;
  /** The lease whose end deletes the key. */
  readonly leaseId?: LeaseId;
}
