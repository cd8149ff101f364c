/** Handled in one go: more would keep the disk waiting for the first ones, fewer would lose what going by turns costs. */
const TURN_MAX = 16;

/**
 * Requests that came in with one look at the sockets are handled one after another, once all sockets have been read: reading
 * and handling by turns, each drives the other's code and data out of the processor's caches. It holds no more than the
 * open connections, each of which has one request at a time.
 */
export class Arrivals {
  #waiting: (() => void)[] = [];
  #next = 0;

  add(handle: () => void): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#handleSome());
    this.#waiting.push(handle);
  }

  #handleSome(): void {
    const end = Math.min(this.#next + TURN_MAX, this.#waiting.length);
    while (this.#next < end) this.#waiting[this.#next++]?.();
    if (this.#next < this.#waiting.length) {
      setImmediate(() => this.#handleSome());
      return;
    }
    this.#waiting = [];
    this.#next = 0;
  }
}
