import type { Duration, Instant } from './clock.js';
import type { Random } from './random.js';

/** A planned event. Cancelling one that has fired, or was cancelled, does nothing. */
export interface Timer {
  cancel(): void;
}

/** What a simulated component knows of the world's physics: what time it is, what chance says, and how to be called later. */
export interface Simulation {
  readonly now: Instant;
  readonly random: Random;
  /** Calls `run` once, `delay` from now; at once-due events run in the order they were planned. */
  after(delay: Duration, run: () => void): Timer;
  /** Calls `run` once at the present instant, after all that is already due. */
  soon(run: () => void): Timer;
}
