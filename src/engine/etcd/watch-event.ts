import type { KeyValue } from './key-value.js';

interface Change<V> {
  readonly key: string;
  readonly revision: number;
  /** What the key held before; absent when the key is new. */
  readonly previous: KeyValue<V> | undefined;
}

export interface PutEvent<V> extends Change<V> {
  readonly type: 'put';
  readonly value: V;
  readonly kv: KeyValue<V>;
}

export interface DeleteEvent<V> extends Change<V> {
  readonly type: 'delete';
  readonly value: undefined;
  readonly kv: undefined;
  readonly previous: KeyValue<V>;
}

/** One key's change by one transaction; a key changes at most once a revision. */
export type WatchEvent<V> = PutEvent<V> | DeleteEvent<V>;

/** All that one revision changed, in the order of the transaction's operations. */
export interface Commit<V> {
  readonly revision: number;
  readonly events: readonly WatchEvent<V>[];
}

export const putEvent = <V>(kv: KeyValue<V>, previous: KeyValue<V> | undefined): PutEvent<V> => ({
  type: 'put',
  key: kv.key,
  revision: kv.modRevision,
  previous,
  value: kv.value,
  kv,
});

export const deleteEvent = <V>(previous: KeyValue<V>, revision: number): DeleteEvent<V> => ({
  type: 'delete',
  key: previous.key,
  revision,
  previous,
  value: undefined,
  kv: undefined,
});
