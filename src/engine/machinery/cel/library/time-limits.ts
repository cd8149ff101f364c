import { CelError } from '../values/cel-error.js';
import { Duration, Timestamp } from '../values/time-values.js';

/** The years 1 to 9999. */
const TIMESTAMP_MIN = -62_135_596_800n * 1_000_000_000n;
const TIMESTAMP_MAX = 253_402_300_799n * 1_000_000_000n + 999_999_999n;
const DURATION_MAX = 2n ** 63n - 1n;

export function timestampWithin(nanoseconds: bigint): Timestamp {
  if (nanoseconds < TIMESTAMP_MIN || nanoseconds > TIMESTAMP_MAX) throw new CelError('timestamp overflow');
  return new Timestamp(nanoseconds);
}

export function durationWithin(nanoseconds: bigint): Duration {
  if (nanoseconds > DURATION_MAX || nanoseconds < -DURATION_MAX - 1n) throw new CelError('integer overflow');
  return new Duration(nanoseconds);
}
