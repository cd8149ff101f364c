import { History } from './history.js';
import { KeyIndex } from './key-index.js';
import type { LeaseId } from './key-value.js';
import type { Lease } from './leases.js';
import { HISTORY_BYTES_MAX, HISTORY_EVENTS_MAX, type StoreOptions } from './store-contract.js';

/** What a store begins with. */
export interface StoreState<V> {
  readonly revision: number;
  readonly index: KeyIndex<V>;
  readonly history: History<V>;
  readonly leases: Iterable<Lease>;
  readonly lastLeaseId: LeaseId;
}

export const historyOf = <V>(
  { historyEventsMax = HISTORY_EVENTS_MAX, historyBytesMax = HISTORY_BYTES_MAX, sizeOf = () => 0 }: StoreOptions<V>,
  start: { readonly compactedRevision: number; readonly watchableFrom: number },
): History<V> => new History<V>({ eventsMax: historyEventsMax, bytesMax: historyBytesMax, sizeOf }, start);

export const emptyState = <V>(options: StoreOptions<V>): StoreState<V> => ({
  revision: 1,
  index: new KeyIndex<V>(),
  history: historyOf(options, { compactedRevision: 0, watchableFrom: 0 }),
  leases: [],
  lastLeaseId: 0,
});
