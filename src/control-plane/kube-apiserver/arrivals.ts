/** Handled in one go: more would keep the disk waiting for the first ones, fewer would lose what going by turns costs. */
const TURN_MAX = 16;

/**
 * Requests that came in with one look at the sockets are handled one after another, once all sockets have been read: reading
 * and handling by turns, each drives the other's code and data out of the processor's caches. Whoever reads the sockets bounds
 * what waits here; what was handled is let go at once.
 */
export class Arrivals {
  readonly #waiting: (() => void)[] = [];

  add(handle: () => void): void {
    if (this.#waiting.length === 0) this.#plan();
    this.#waiting.push(handle);
  }

  #plan(): void {
    setImmediate(() => this.#handleSome());
  }

  #handleSome(): void {
    const turn = this.#waiting.splice(0, TURN_MAX);
    // Before they are handled: what one of them throws stops none of the others.
    if (this.#waiting.length > 0) this.#plan();
    for (const handle of turn) handle();
  }
}
