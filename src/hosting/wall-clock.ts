/** The time outside. Only hosting knows it; the engine is told how far to run. */
export interface WallClock {
  /** Milliseconds since the Unix epoch; may step when the machine's clock is set. */
  now(): number;
  /** Milliseconds from an arbitrary start that never steps: for the length of slices. */
  elapsed(): number;
}

export const systemWallClock: WallClock = Object.freeze({
  now: () => Date.now(),
  elapsed: () => performance.now(),
});
