import { assert } from '../kernel/assert.js';
import type { KeyInterval, KeyRange } from './key-range.js';
import { includes, intervalOf } from './key-range.js';
import type { Commit, WatchEvent } from './watch-event.js';

/** Gets all that one revision changed in the watched range: never empty, each revision once, in order. */
export type WatchListener<V> = (events: readonly WatchEvent<V>[]) => void;

/** A running watch. */
export interface Watcher {
  /** Ends the watch: its listener is not called again. Cancelling twice does nothing. */
  cancel(): void;
}

/** Commits that wait for delivery because listeners wrote while they were being told of an earlier one. */
const UNDELIVERED_MAX = 1_000_000;

/** A watch as the hub holds it; there is one for every kind that a cluster defines, so that it is all that a watch costs. */
class Subscription<V> implements Watcher {
  readonly interval: KeyInterval;
  readonly listener: WatchListener<V>;
  /** The slot of the table that holds it. */
  readonly slot: string;
  /** The first revision not delivered yet. */
  next: number;
  state: 'replaying' | 'live' | 'cancelled' = 'replaying';
  readonly #hub: WatchHub<V>;

  constructor(hub: WatchHub<V>, interval: KeyInterval, next: number, listener: WatchListener<V>) {
    this.#hub = hub;
    this.interval = interval;
    this.listener = listener;
    this.slot = slotOf(interval);
    this.next = next;
  }

  cancel(): void {
    this.#hub.cancel(this);
  }
}

/**
 * Tells watchers of commits. Subscriptions are filed under the `/`-terminated path that all their keys share, or under
 * their only key, so that a change looks at one slot for each part of its path and never at all watchers.
 */
export class WatchHub<V> {
  /** One that is alone in its slot needs no set around it. */
  readonly #slots = new Map<string, Subscription<V> | Set<Subscription<V>>>();
  #undelivered: Commit<V>[] = [];
  #isDelivering = false;
  #size = 0;

  /** How many watches are running. */
  get size(): number {
    return this.#size;
  }

  /** Files a subscription that sees nothing yet: the caller replays history and then calls `live`. */
  subscribe(range: KeyRange, next: number, listener: WatchListener<V>): Subscription<V> {
    const subscription = new Subscription(this, intervalOf(range), next, listener);
    const filed = this.#slots.get(subscription.slot);
    if (filed === undefined) this.#slots.set(subscription.slot, subscription);
    else if (filed instanceof Set) filed.add(subscription);
    else this.#slots.set(subscription.slot, new Set([filed, subscription]));
    this.#size++;
    return subscription;
  }

  cancel(subscription: Subscription<V>): void {
    if (subscription.state === 'cancelled') return;
    subscription.state = 'cancelled';
    this.#size--;
    const filed = this.#slots.get(subscription.slot);
    if (filed instanceof Set) filed.delete(subscription);
    if (filed === subscription || (filed instanceof Set && filed.size === 0)) this.#slots.delete(subscription.slot);
  }

  /** Delivers past commits, oldest first; one whose events lie outside the range counts as delivered. */
  replay(subscription: Subscription<V>, commits: readonly Commit<V>[]): void {
    for (const { revision, events } of commits) {
      if (subscription.state === 'cancelled') return;
      if (revision < subscription.next) continue;
      subscription.next = revision + 1;
      const seen = events.filter((event) => includes(subscription.interval, event.key));
      if (seen.length > 0) subscription.listener(seen);
    }
  }

  /** Delivers a commit to all whose range it touches; inside a listener, after that delivery has ended. */
  publish(commit: Commit<V>): void {
    if (this.#size === 0) return;
    assert(this.#undelivered.length < UNDELIVERED_MAX, 'watch listeners write without end');
    this.#undelivered.push(commit);
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      for (let position = 0; position < this.#undelivered.length; position++) {
        this.#deliver(this.#undelivered[position]!);
      }
    } finally {
      this.#isDelivering = false;
      this.#undelivered = [];
    }
  }

  #deliver({ revision, events }: Commit<V>): void {
    const [first] = events;
    if (first !== undefined && events.length === 1) {
      // Taken first: a listener may cancel watches or start new ones.
      for (const subscription of this.#watching(first.key)) notify(subscription, revision, events);
      return;
    }
    const seen = new Map<Subscription<V>, WatchEvent<V>[]>();
    for (const event of events) {
      for (const subscription of this.#watching(event.key)) {
        const batch = seen.get(subscription);
        if (batch === undefined) seen.set(subscription, [event]);
        else batch.push(event);
      }
    }
    for (const [subscription, batch] of seen) notify(subscription, revision, batch);
  }

  /** Widest range first, then in order of subscribing. */
  #watching(key: string): readonly Subscription<V>[] {
    const found: Subscription<V>[] = [];
    this.#collect('', key, found);
    for (let end = key.indexOf('/'); end !== -1; end = key.indexOf('/', end + 1)) {
      this.#collect(key.slice(0, end + 1), key, found);
    }
    if (!key.endsWith('/')) this.#collect(key, key, found);
    return found;
  }

  #collect(slot: string, key: string, found: Subscription<V>[]): void {
    const filed = this.#slots.get(slot);
    if (filed === undefined) return;
    if (filed instanceof Set) {
      for (const subscription of filed) if (includes(subscription.interval, key)) found.push(subscription);
    } else if (includes(filed.interval, key)) found.push(filed);
  }
}

function notify<V>(subscription: Subscription<V>, revision: number, events: readonly WatchEvent<V>[]): void {
  if (subscription.state !== 'live' || revision < subscription.next) return;
  subscription.next = revision + 1;
  subscription.listener(events);
}

/** The longest path that every key of the interval starts with: the key itself if it is alone. */
function slotOf({ from, to }: KeyInterval): string {
  if (to === undefined) return '';
  if (to === `${from}\0`) return from;
  let same = 0;
  while (same < from.length && from[same] === to[same]) same++;
  // The end of a prefix differs from it in the last character only: '/a/' ends at '/a0'.
  const isPrefix = same === from.length - 1 && to.length === from.length && isNext(from, to);
  const shared = isPrefix ? from : from.slice(0, same);
  return shared.slice(0, shared.lastIndexOf('/') + 1);
}

const isNext = (from: string, to: string): boolean =>
  to.charCodeAt(to.length - 1) === from.charCodeAt(from.length - 1) + 1;
