/** The audit events of one cluster: the newest of them in memory, for who asks and for who follows. */
import type { Random } from '../../kernel/random.js';
import { sizeOfEvent, type AuditEvent } from './audit-event.js';
import { isWanted, type AuditEventFilter } from './event-filter.js';

/** What is kept; beyond either bound the oldest events go. */
export const AUDIT_EVENTS_MAX = 10_000;
export const AUDIT_BYTES_MAX = 8 * 1_024 * 1_024;
const POSITION = /^([0-9a-f]{8})-(\d{1,15})$/;
/** Places that may be empty at the front of the list before it is moved up. */
const EMPTY_PLACES_MAX = 4_096;

export interface AuditEntry {
  /** From 1 on, without gaps. */
  readonly sequence: number;
  /** The newest revision when it happened: it must be durable before anybody is told. */
  readonly revision: number;
  readonly event: AuditEvent;
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Whether there is more of what is wanted. */
  readonly hasMore: boolean;
  /** The last event that was looked at. */
  readonly last: number;
}

export interface AuditQuery {
  readonly filter: AuditEventFilter;
  /** The event to go on behind. */
  readonly after: number;
  readonly limit: number;
}

type Follower = (entry: AuditEntry) => void;

interface Kept extends AuditEntry {
  readonly bytes: number;
}

export class AuditTrail {
  /** Tells the events of this run from those of another, whose numbers mean something else. */
  readonly #epoch: string;
  readonly #followers = new Set<Follower>();
  #kept: (Kept | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  #next = 1;

  constructor(random: Random) {
    this.#epoch = random.uuid().slice(0, 8);
  }

  /** How many events were told and are kept no more: the number of the last of them. */
  get lost(): number {
    return this.#next - 1 - (this.#kept.length - this.#head);
  }

  /** The number of the newest event; 0 before the first. */
  get newest(): number {
    return this.#next - 1;
  }

  /** What names an event's place to whoever wants to go on behind it. */
  positionOf(sequence: number): string {
    return `${this.#epoch}-${sequence}`;
  }

  /** The number of the event at a position; `undefined` where what came behind it is not kept any more. */
  sequenceAt(position: string): number | undefined {
    const [, epoch, digits = ''] = POSITION.exec(position) ?? [];
    const sequence = Number(digits);
    return epoch === this.#epoch && sequence >= this.lost && sequence <= this.newest ? sequence : undefined;
  }

  add(event: AuditEvent, revision: number): void {
    const entry: Kept = { sequence: this.#next++, revision, event, bytes: sizeOfEvent(event) };
    this.#kept.push(entry);
    this.#bytes += entry.bytes;
    while (this.#kept.length - this.#head > AUDIT_EVENTS_MAX || this.#bytes > AUDIT_BYTES_MAX) this.#forgetOldest();
    for (const follower of this.#followers) follower(entry);
  }

  /** Oldest first. What is not there any more is left out: whoever goes on behind an event compares it with `lost`. */
  page({ filter, after, limit }: AuditQuery): AuditPage {
    const entries: AuditEntry[] = [];
    let last = Math.max(after, this.lost);
    for (let place = this.#head + last - this.lost; place < this.#kept.length; place++) {
      const entry = this.#kept[place];
      if (entry !== undefined && isWanted(entry.event, filter)) {
        if (entries.length === limit) return { entries, hasMore: true, last };
        entries.push(entry);
      }
      last++;
    }
    return { entries, hasMore: false, last };
  }

  /** Every wanted event behind a number, those that are kept at once. */
  follow(filter: AuditEventFilter, after: number, listener: Follower): { cancel(): void } {
    for (const entry of this.page({ filter, after, limit: Infinity }).entries) listener(entry);
    const follower: Follower = (entry) => {
      if (isWanted(entry.event, filter)) listener(entry);
    };
    this.#followers.add(follower);
    return { cancel: () => void this.#followers.delete(follower) };
  }

  #forgetOldest(): void {
    this.#bytes -= this.#kept[this.#head]?.bytes ?? 0;
    this.#kept[this.#head] = undefined;
    this.#head++;
    if (this.#head < EMPTY_PLACES_MAX) return;
    this.#kept = this.#kept.slice(this.#head);
    this.#head = 0;
  }
}
