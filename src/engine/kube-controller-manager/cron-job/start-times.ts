import { after, instant, milliseconds, parseTimestamp, type Duration, type Instant } from '../../kernel/clock.js';
import type { CronJob } from '../../machinery/api/batch-v1.js';
import type { Schedule } from './cron-schedule.js';

/** More missed starts than these are worth a warning. */
const MISSED_MAX = 100;
const MS_PER_SECOND = 1_000;
/** A pass for a start comes this long after it, so that it never comes too early. */
const START_DELAY = milliseconds(100);

export interface MissedStarts {
  /** The last start that was due and has not been made. */
  readonly newest: Instant | undefined;
  readonly isTooMany: boolean;
}

interface StartSearch extends MissedStarts {
  readonly earliest: Instant;
  readonly hasMissed: boolean;
}

/** The start that is due; starts that are older than the deadline are not looked at. */
export const missedStarts = (cronJob: CronJob, now: Instant, schedule: Schedule): MissedStarts =>
  search(cronJob, now, schedule, true);

/** How long until the next start, counted from the last one that was due. */
export function untilNextStart(cronJob: CronJob, now: Instant, schedule: Schedule): Duration | undefined {
  const { earliest, newest, hasMissed } = search(cronJob, now, schedule, false);
  const next = schedule.next(newest ?? (hasMissed ? now : earliest));
  return next === undefined ? undefined : milliseconds(Math.max(after(next, START_DELAY) - now, 1));
}

function search(
  { metadata, spec, status }: CronJob,
  now: Instant,
  schedule: Schedule,
  hasDeadline: boolean,
): StartSearch {
  const from = parseTimestamp(status?.lastScheduleTime ?? metadata.creationTimestamp ?? '') ?? now;
  const deadline = hasDeadline ? spec.startingDeadlineSeconds : undefined;
  const earliest = deadline === undefined ? from : instant(Math.max(from, now - deadline * MS_PER_SECOND));
  const nothing = { earliest, newest: undefined, hasMissed: false, isTooMany: false };
  const first = schedule.next(earliest);
  if (first === undefined || now < first) return nothing;
  const second = schedule.next(first);
  if (second === undefined || now < second) return { ...nothing, newest: first };
  const period = second - first;
  const count = Math.floor((now - first) / period) + 1;
  let newest: Instant | undefined;
  let next = schedule.next(instant(first + (count - 2) * period));
  while (next !== undefined && next <= now) {
    newest = next;
    next = schedule.next(next);
  }
  return { earliest, newest, hasMissed: true, isTooMany: count > MISSED_MAX };
}
