import type { Instant } from '../engine/kernel/clock.js';

/** Something that waits for its turn in a cluster. */
export interface Input {
  readonly run: () => void;
  readonly refuse: (error: Error) => void;
}

/** Time that is to pass on a paused clock. */
export interface Advance {
  readonly target: Instant;
  readonly finish: () => void;
  readonly refuse: (error: Error) => void;
}
