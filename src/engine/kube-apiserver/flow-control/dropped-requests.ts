/** Upstream's limit for what a client is told to wait, in seconds. */
const RETRY_AFTER_MAX = 32;
/** How many refusals a second of waiting make it longer. */
const DROPS_A_SECOND_MIN = 3;

interface DropsOfSecond {
  readonly second: number;
  readonly count: number;
}

/**
 * What a level's refused clients are told to wait: doubled while many are refused, a second less whenever few are. Mirrors
 * upstream's `droppedRequestsTracker`.
 */
export class DroppedRequests {
  #retryAfter = 1;
  #changedAt = 0;
  #second = 0;
  #count = 0;
  #history: readonly DropsOfSecond[] = [];

  /** In seconds. */
  get retryAfter(): number {
    return this.#retryAfter;
  }

  /** @param now in milliseconds */
  record(now: number): void {
    const second = Math.floor(now / 1_000);
    if (second === this.#second) {
      this.#count++;
      return;
    }
    const oldest = this.#second - Math.min(2 * this.#retryAfter, RETRY_AFTER_MAX);
    const ended = { second: this.#second, count: this.#count };
    this.#history = [...this.#history.filter((each) => each.second >= oldest), ended];
    this.#second = second;
    this.#count = 1;
    this.#adapt(second);
  }

  #adapt(second: number): void {
    const wait = this.#retryAfter;
    const recent = this.#history.filter((each) => second - each.second <= wait);
    const dropped = recent.reduce((sum, { count }) => sum + count, 0);
    if (second - this.#changedAt >= wait && dropped >= DROPS_A_SECOND_MIN * wait) {
      this.#retryAfter = Math.min(2 * wait, RETRY_AFTER_MAX);
      this.#changedAt = second;
    } else if (dropped < wait && wait > 1) this.#retryAfter--;
  }
}
