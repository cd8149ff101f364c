import sortedBTree from 'sorted-btree';
import type { KeyInterval } from './key-range.js';
import { compareKeys, isEmpty } from './key-range.js';
import type { KeyValue } from './key-value.js';

type Tree<V> = InstanceType<typeof sortedBTree.default<string, KeyValue<V>>>;

/** The newest version of every living key, in key order. A copy shares nodes until either side writes. */
export class KeyIndex<V> {
  readonly #tree: Tree<V>;

  constructor(tree: Tree<V> = new sortedBTree.default<string, KeyValue<V>>(undefined, compareKeys)) {
    this.#tree = tree;
  }

  get size(): number {
    return this.#tree.size;
  }

  get(key: string): KeyValue<V> | undefined {
    return this.#tree.get(key);
  }

  set(kv: KeyValue<V>): void {
    this.#tree.set(kv.key, kv);
  }

  delete(key: string): void {
    this.#tree.delete(key);
  }

  /** Whether there is a key that starts with `prefix` and goes on. */
  hasBelow(prefix: string): boolean {
    return this.#tree.nextHigherKey(prefix)?.startsWith(prefix) === true;
  }

  /** Calls `visit` in key order until it answers `'stop'`. The index must not change meanwhile. */
  visit(interval: KeyInterval, visit: (kv: KeyValue<V>) => 'stop' | void): void {
    this.#scan(interval, (_key, kv) => (visit(kv) === 'stop' ? STOP : undefined));
  }

  /** Everything in key order. The index must not change meanwhile: a copy does not. */
  [Symbol.iterator](): Iterator<KeyValue<V>> {
    return this.#tree.values();
  }

  count(interval: KeyInterval): number {
    return this.#scan(interval);
  }

  clone(): KeyIndex<V> {
    return new KeyIndex<V>(this.#tree.clone());
  }

  #scan(interval: KeyInterval, onFound?: (key: string, kv: KeyValue<V>) => typeof STOP | undefined): number {
    if (isEmpty(interval)) return 0;
    if (interval.to !== undefined) return this.#tree.forRange(interval.from, interval.to, false, onFound);
    const last = this.#tree.maxKey();
    if (last === undefined || last < interval.from) return 0;
    return this.#tree.forRange(interval.from, last, true, onFound);
  }
}

/** The tree's own signal to end a scan early. */
const STOP = Object.freeze({ break: 0 });
