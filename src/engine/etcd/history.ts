import { assert } from '../kernel/assert.js';
import { CompactedError } from './errors.js';
import type { KeyInterval } from './key-range.js';
import { includes } from './key-range.js';
import type { KeyValue } from './key-value.js';
import type { Commit, WatchEvent } from './watch-event.js';

export interface HistoryBounds<V> {
  readonly eventsMax: number;
  readonly bytesMax: number;
  sizeOf(value: V): number;
}

/** Dropped slots at the front of the ring before it is worth moving the rest. */
const SLACK_MAX = 1_024;

/**
 * The commits since the last compaction, oldest first and without gaps. Superseded versions live only here, as the
 * `previous` of the event that replaced them: a snapshot is the present with the later events undone.
 */
export class History<V> {
  readonly #bounds: HistoryBounds<V>;
  #commits: Commit<V>[] = [];
  #head = 0;
  #events = 0;
  #bytes = 0;
  #compactedRevision: number;
  #watchableFrom: number;

  /** @param start the last compacted revision and the first from which a watch misses nothing. */
  constructor(bounds: HistoryBounds<V>, start: { readonly compactedRevision: number; readonly watchableFrom: number }) {
    this.#bounds = bounds;
    this.#compactedRevision = start.compactedRevision;
    this.#watchableFrom = start.watchableFrom;
  }

  /** The oldest revision that can be read; 0 when nothing was compacted. */
  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  get events(): number {
    return this.#events;
  }

  /** What the superseded values weigh, in the unit of `sizeOf`. */
  get bytes(): number {
    return this.#bytes;
  }

  append(commit: Commit<V>): void {
    this.#commits.push(commit);
    this.#events += commit.events.length;
    this.#bytes += this.#weigh(commit);
    while (this.#isFull() && this.#commits.length - this.#head > 1) this.#dropOldest();
  }

  /** Forgets what only revisions before `revision` need; the commit of `revision` itself stays, as in etcd. */
  compact(revision: number): void {
    let oldest = this.#commits[this.#head];
    while (oldest !== undefined && oldest.revision < revision) {
      this.#dropOldest();
      oldest = this.#commits[this.#head];
    }
    this.#compactedRevision = revision;
    this.#watchableFrom = Math.max(this.#watchableFrom, revision);
    // A quiet cluster would hold on to what is dropped for good.
    this.#trim();
  }

  /** The commits from `revision` on, oldest first. @throws CompactedError when some of them are gone. */
  from(revision: number): readonly Commit<V>[] {
    if (revision < this.#watchableFrom) throw new CompactedError(this.#compactedRevision);
    const first = this.#commits[this.#head];
    if (first === undefined) return [];
    return this.#commits.slice(this.#head + Math.max(revision - first.revision, 0));
  }

  /** The commit of one revision that is still held. */
  at(revision: number): Commit<V> {
    const first = this.#commits[this.#head];
    const commit = first && this.#commits[this.#head + revision - first.revision];
    assert(commit !== undefined, `revision ${revision} is not in the history`);
    return commit;
  }

  /** What the interval's keys that changed after `revision` held at that revision. */
  overlay(revision: number, interval: KeyInterval): ReadonlyMap<string, KeyValue<V> | undefined> {
    const overlay = new Map<string, KeyValue<V> | undefined>();
    this.#eachEventAfter(revision, (event) => {
      if (includes(interval, event.key) && !overlay.has(event.key)) overlay.set(event.key, event.previous);
      return undefined;
    });
    return overlay;
  }

  /** The first change of `key` after `revision`. */
  firstChange(key: string, revision: number): WatchEvent<V> | undefined {
    return this.#eachEventAfter(revision, (event) => event.key === key);
  }

  clone(): History<V> {
    const copy = new History<V>(this.#bounds, {
      compactedRevision: this.#compactedRevision,
      watchableFrom: this.#watchableFrom,
    });
    copy.#commits = this.#commits.slice(this.#head);
    copy.#events = this.#events;
    copy.#bytes = this.#bytes;
    return copy;
  }

  #eachEventAfter(
    revision: number,
    isWanted: (event: WatchEvent<V>) => boolean | undefined,
  ): WatchEvent<V> | undefined {
    const first = this.#commits[this.#head];
    if (first === undefined) return undefined;
    const start = this.#head + Math.max(revision + 1 - first.revision, 0);
    for (let position = start; position < this.#commits.length; position++) {
      for (const event of this.#commits[position]!.events) if (isWanted(event) === true) return event;
    }
    return undefined;
  }

  #isFull(): boolean {
    return this.#events > this.#bounds.eventsMax || this.#bytes > this.#bounds.bytesMax;
  }

  #dropOldest(): void {
    const oldest = this.#commits[this.#head];
    assert(oldest !== undefined, 'an empty history has nothing to drop');
    this.#events -= oldest.events.length;
    this.#bytes -= this.#weigh(oldest);
    this.#compactedRevision = oldest.revision + 1;
    this.#watchableFrom = oldest.revision + 1;
    this.#head++;
    if (this.#head >= SLACK_MAX && this.#head * 2 >= this.#commits.length) this.#trim();
  }

  #trim(): void {
    if (this.#head === 0) return;
    this.#commits = this.#commits.slice(this.#head);
    this.#head = 0;
  }

  #weigh(commit: Commit<V>): number {
    let bytes = 0;
    for (const { previous } of commit.events) if (previous !== undefined) bytes += this.#bounds.sizeOf(previous.value);
    return bytes;
  }
}
