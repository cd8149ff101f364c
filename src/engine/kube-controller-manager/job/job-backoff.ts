import { instant, milliseconds, type Duration, type Instant } from '../../kernel/clock.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { allFailuresOf, finishedTime } from './job-pods.js';

const BACKOFF_BASE_MS = 10_000;
const BACKOFF_MAX_MS = 600_000;

/** Failures since the last success, as far as this controller saw them. */
export interface BackoffRecord {
  readonly failures: number;
  readonly lastFailure: Instant;
}

export const NO_FAILURES: BackoffRecord = Object.freeze({ failures: 0, lastFailure: instant(0) });

/** The record after these pods have ended. */
export function nextRecord(former: BackoffRecord, succeeded: readonly Pod[], failed: readonly Pod[]): BackoffRecord {
  const failures = failed.map(finishedTime);
  if (succeeded.length === 0) {
    if (failures.length === 0) return former;
    return { failures: former.failures + failures.length, lastFailure: latest(failures) };
  }
  const lastSuccess = latest(succeeded.map(finishedTime));
  const since = failures.filter((time) => time > lastSuccess);
  return since.length === 0 ? NO_FAILURES : { failures: since.length, lastFailure: latest(since) };
}

/** How long the next pod has to wait. */
export function remainingWait({ failures, lastFailure }: BackoffRecord, now: Instant): Duration {
  if (failures === 0) return milliseconds(0);
  const wait = Math.min(BACKOFF_BASE_MS * 2 ** (failures - 1), BACKOFF_MAX_MS);
  return milliseconds(Math.max(0, wait - (now - lastFailure)));
}

/** How long the next pod of one index has to wait after the failed one that it replaces. */
export const remainingIndexWait = (replaced: Pod | undefined, now: Instant): Duration =>
  replaced === undefined
    ? milliseconds(0)
    : remainingWait({ failures: allFailuresOf(replaced) + 1, lastFailure: finishedTime(replaced) }, now);

const latest = (times: readonly Instant[]): Instant => times.reduce((a, b) => (b > a ? b : a), instant(0));
