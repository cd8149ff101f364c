import type { KeyIndex } from './key-index.js';
import type { KeyInterval } from './key-range.js';
import { compareKeys } from './key-range.js';
import type { KeyValue } from './key-value.js';

/** What an interval's keys held where they differ from the index; `undefined` where there was no such key. */
export type Overlay<V> = ReadonlyMap<string, KeyValue<V> | undefined>;

interface PastRange<V> {
  readonly items: readonly KeyValue<V>[];
  readonly more: boolean;
  readonly count: number;
}

/** The interval as the overlay changes it: at most `limit` items, in key order. */
export function pastRange<V>(
  index: KeyIndex<V>,
  interval: KeyInterval,
  overlay: Overlay<V>,
  limit: number,
): PastRange<V> {
  const items: KeyValue<V>[] = [];
  let count = 0;
  const take = (kv: KeyValue<V> | undefined): void => {
    if (kv === undefined) return;
    count++;
    if (items.length < limit) items.push(kv);
  };
  const changed = [...overlay.keys()].sort(compareKeys);
  let position = 0;
  index.visit(interval, (kv) => {
    for (let key = changed[position]; key !== undefined && key < kv.key; key = changed[++position])
      take(overlay.get(key));
    if (changed[position] === kv.key) take(overlay.get(changed[position++]!));
    else take(kv);
  });
  for (; position < changed.length; position++) take(overlay.get(changed[position]!));
  return { items, more: count > items.length, count };
}
