/**
 * How many seats a level's requests want over time: those in use and those waited for. At the end of each period it tells
 * the peak and a smoothed figure, from which levels borrow. Mirrors upstream's seat demand integrator and its statistics.
 */

/** How much of the smoothed figure a period without demand leaves: half of it in five minutes. */
const SMOOTHING = 0.977;

export class SeatDemand {
  #value = 0;
  #since: number;
  #elapsed = 0;
  #integral = 0;
  #squares = 0;
  #peak = 0;
  #highWatermark = 0;
  #smoothed = 0;

  constructor(now: number) {
    this.#since = now;
  }

  /** Of the last period. */
  get highWatermark(): number {
    return this.#highWatermark;
  }

  get smoothed(): number {
    return this.#smoothed;
  }

  set(seats: number, now: number): void {
    this.#integrate(now);
    this.#value = seats;
    if (seats > this.#peak) this.#peak = seats;
  }

  /** So many seats were in use within one instant, besides the others. */
  touch(seats: number): void {
    if (this.#value + seats > this.#peak) this.#peak = this.#value + seats;
  }

  /** Ends the period now, and begins the next. */
  endPeriod(now: number): void {
    this.#integrate(now);
    this.#highWatermark = Math.round(this.#peak);
    if (this.#elapsed > 0) {
      const average = this.#integral / this.#elapsed;
      const variance = Math.max(this.#squares / this.#elapsed - average * average, 0);
      this.#smooth(average + Math.sqrt(variance), 1);
    }
    this.#elapsed = 0;
    this.#integral = 0;
    this.#squares = 0;
    this.#peak = this.#value;
  }

  /** Ends so many periods in which nothing changed, the last of them now. */
  endQuietPeriods(count: number, now: number): void {
    if (count <= 0) return;
    this.#since = now;
    this.#highWatermark = this.#value;
    this.#smooth(this.#value, count);
  }

  /** Rises at once, and falls slowly. */
  #smooth(envelope: number, periods: number): void {
    const excess = Math.max(this.#smoothed - envelope, 0);
    this.#smoothed = envelope + excess * SMOOTHING ** periods;
  }

  #integrate(now: number): void {
    const span = now - this.#since;
    if (span <= 0) return;
    this.#since = now;
    this.#elapsed += span;
    this.#integral += this.#value * span;
    this.#squares += this.#value * this.#value * span;
  }
}
