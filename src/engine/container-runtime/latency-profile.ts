import { milliseconds, type Duration } from '../kernel/clock.js';
import type { Random } from '../kernel/random.js';

/** A length of time with its natural spread, in milliseconds. */
interface Spread {
  readonly minMs: number;
  readonly maxMs: number;
}

/** How long the things take that a node does with containers. */
export interface LatencyProfile {
  readonly name: 'instant' | 'fast' | 'realistic';
  readonly imagePull: Spread;
  readonly sandboxCreate: Spread;
  readonly containerCreate: Spread;
  readonly containerStart: Spread;
  /** From SIGTERM to the exit of a process that heeds it. */
  readonly processExit: Spread;
  readonly probe: Spread;
  /** From a write at the API server to a watching component. */
  readonly propagation: Spread;
}

const NONE: Spread = { minMs: 0, maxMs: 0 };

const instantProfile: LatencyProfile = Object.freeze({
  name: 'instant',
  imagePull: NONE,
  sandboxCreate: NONE,
  containerCreate: NONE,
  containerStart: NONE,
  processExit: NONE,
  probe: NONE,
  propagation: NONE,
});

const fastProfile: LatencyProfile = Object.freeze({
  name: 'fast',
  imagePull: { minMs: 20, maxMs: 60 },
  sandboxCreate: { minMs: 5, maxMs: 10 },
  containerCreate: { minMs: 2, maxMs: 5 },
  containerStart: { minMs: 3, maxMs: 8 },
  processExit: { minMs: 10, maxMs: 30 },
  probe: { minMs: 1, maxMs: 2 },
  propagation: { minMs: 1, maxMs: 1 },
});

const realisticProfile: LatencyProfile = Object.freeze({
  name: 'realistic',
  imagePull: { minMs: 1_500, maxMs: 6_000 },
  sandboxCreate: { minMs: 200, maxMs: 500 },
  containerCreate: { minMs: 50, maxMs: 150 },
  containerStart: { minMs: 50, maxMs: 200 },
  processExit: { minMs: 100, maxMs: 500 },
  probe: { minMs: 5, maxMs: 30 },
  propagation: { minMs: 5, maxMs: 5 },
});

export const latencyProfiles = Object.freeze({
  instant: instantProfile,
  fast: fastProfile,
  realistic: realisticProfile,
});

/** One length drawn from the spread; a spread of one point draws nothing. */
export function drawn({ minMs, maxMs }: Spread, random: Random): Duration {
  return milliseconds(minMs === maxMs ? minMs : minMs + random.below(maxMs - minMs + 1));
}
