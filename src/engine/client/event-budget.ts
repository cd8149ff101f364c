import { between, type Instant } from '../kernel/clock.js';

/** As client-go's spam filter: a burst for each object, then one event every five minutes. */
const BURST = 25;
const REFILL_MS = 300_000;
const OBJECTS_MAX = 512;

interface Bucket {
  tokens: number;
  filledAt: Instant;
}

/** Limits how many events one source may tell of one object. */
export class EventBudget {
  readonly #buckets = new Map<string, Bucket>();

  /** Whether one more event about the object may be told now. */
  spend(uid: string, now: Instant): boolean {
    const bucket = this.#buckets.get(uid) ?? { tokens: BURST, filledAt: now };
    const refills = Math.floor(between(bucket.filledAt, now) / REFILL_MS);
    if (refills > 0) {
      bucket.tokens = Math.min(BURST, bucket.tokens + refills);
      bucket.filledAt = (bucket.filledAt + refills * REFILL_MS) as Instant;
    }
    this.#keep(uid, bucket);
    if (bucket.tokens === 0) return false;
    bucket.tokens--;
    return true;
  }

  #keep(uid: string, bucket: Bucket): void {
    this.#buckets.delete(uid);
    this.#buckets.set(uid, bucket);
    if (this.#buckets.size <= OBJECTS_MAX) return;
    const oldest = this.#buckets.keys().next();
    if (oldest.done !== true) this.#buckets.delete(oldest.value);
  }
}
