import { NoSpaceError, RequestTooLargeError, SendTooLargeError } from './errors.js';
import type { Operation } from './transaction.js';
import type { KeyValue } from './key-value.js';
import type { WatchEvent } from './watch-event.js';

/** etcd's default `--max-request-bytes`. */
const REQUEST_BYTES_MAX = 1.5 * 1_024 * 1_024;
/** What the client in front of it sends at most. */
const SENT_BYTES_MAX = 2 * 1_024 * 1_024;
/** Compare, read in case of failure, and the tags around them: what a put weighs besides its key and value. */
const PUT_OVERHEAD_BYTES = 64;
const KEY_COPIES = 3;

/** What one member takes. Without a quota the database may grow. */
export interface LimitOptions<V> {
  readonly quotaBytes: number | undefined;
  /** The bytes that a value weighs in the database. */
  sizeOf(value: V): number;
  /** The bytes that it weighs in a request; asked only where `sizeOf` says that it may be too much. */
  requestSizeOf(value: V): number;
}

/** The part of a store that the quota is of. */
interface Measured<V> {
  readonly historySize: { readonly bytes: number };
  forEach(prefix: string, visit: (kv: KeyValue<V>) => void): void;
}

/** The value of the put at the same place among the operations. */
type Made<V> = { readonly made: V } | undefined;

interface Put<V> {
  readonly key: string;
  readonly value: V;
}

/**
 * Refuses what etcd refuses before it writes: requests that are too large, and everything that grows a full database. The
 * NOSPACE alarm is not kept: as if an operator disarmed it, writes go on once deletions and compaction have made room.
 */
export class Limits<V> {
  readonly #options: LimitOptions<V>;
  readonly #store: Measured<V>;
  /** Of the present; counted when first needed. */
  #presentBytes: number | undefined;

  constructor(options: LimitOptions<V>, store: Measured<V>) {
    this.#options = options;
    this.#store = store;
  }

  /** @throws SendTooLargeError, RequestTooLargeError, NoSpaceError */
  check(operations: readonly Operation<V>[], values: readonly Made<V>[]): void {
    const puts = operations.flatMap((operation, place): Put<V>[] => {
      const value = values[place];
      return operation.type === 'put' && value !== undefined ? [{ key: operation.key, value: value.made }] : [];
    });
    this.#check(puts);
  }

  /** The same for one put. @throws SendTooLargeError, RequestTooLargeError, NoSpaceError */
  checkPut(key: string, value: V): void {
    if (this.#options.quotaBytes === undefined && this.#options.sizeOf(value) + key.length <= REQUEST_BYTES_MAX) return;
    this.#check([{ key, value }]);
  }

  #check(puts: readonly Put<V>[]): void {
    let bytes = 0;
    for (const { key, value } of puts) bytes += this.#options.sizeOf(value) + key.length;
    if (bytes > REQUEST_BYTES_MAX) this.#checkRequest(puts);
    const { quotaBytes } = this.#options;
    if (quotaBytes !== undefined && puts.length > 0 && this.#usedBytes() + bytes > quotaBytes) throw new NoSpaceError();
  }

  note(events: readonly WatchEvent<V>[]): void {
    if (this.#options.quotaBytes === undefined || this.#presentBytes === undefined) return;
    for (const { kv, previous } of events) this.#presentBytes += this.#weigh(kv) - this.#weigh(previous);
  }

  #checkRequest(puts: readonly Put<V>[]): void {
    let bytes = 0;
    for (const { key, value } of puts) {
      bytes += this.#options.requestSizeOf(value) + KEY_COPIES * key.length + PUT_OVERHEAD_BYTES;
    }
    if (bytes > SENT_BYTES_MAX) throw new SendTooLargeError(bytes, SENT_BYTES_MAX);
    if (bytes > REQUEST_BYTES_MAX) throw new RequestTooLargeError();
  }

  #usedBytes(): number {
    if (this.#presentBytes === undefined) {
      let bytes = 0;
      this.#store.forEach('', (kv) => (bytes += this.#weigh(kv)));
      this.#presentBytes = bytes;
    }
    return this.#presentBytes + this.#store.historySize.bytes;
  }

  #weigh(kv: KeyValue<V> | undefined): number {
    return kv === undefined ? 0 : kv.key.length + this.#options.sizeOf(kv.value);
  }
}
