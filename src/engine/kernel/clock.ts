/** Milliseconds since the Unix epoch, in simulated time. Never wall-clock time. */
export type Instant = number & { readonly __unit: 'instant-ms' };
/** A length of simulated time in milliseconds. */
export type Duration = number & { readonly __unit: 'duration-ms' };

export const milliseconds = (count: number): Duration => count as Duration;
export const seconds = (count: number): Duration => (count * 1_000) as Duration;
export const minutes = (count: number): Duration => (count * 60_000) as Duration;
export const hours = (count: number): Duration => (count * 3_600_000) as Duration;

export const instant = (epochMs: number): Instant => epochMs as Instant;
export const after = (start: Instant, wait: Duration): Instant => (start + wait) as Instant;
export const between = (start: Instant, end: Instant): Duration => (end - start) as Duration;

const SECOND = 1_000;
const DAY_SECONDS = 86_400;
/** From 0000-03-01 to the epoch: years that begin in March end with the leap day. */
const DAYS_BEFORE_EPOCH = 719_468;
const ERA_DAYS = 146_097;
/** The first instant of the year 10000; from the epoch up to it, dates are worked out here: components ask for very many. */
const PLAIN_END = 253_402_300_800_000;

/** `2026-01-01T00:00:00`, and what follows it */
function secondsText(at: Instant, rest: string): string {
  if (!(at >= 0 && at < PLAIN_END)) return new Date(at).toISOString().slice(0, -'.000Z'.length) + rest;
  const total = Math.floor(at / SECOND);
  const days = Math.floor(total / DAY_SECONDS);
  const second = total - days * DAY_SECONDS;
  const time = `${twoDigits(Math.floor(second / 3_600))}:${twoDigits(Math.floor(second / 60) % 60)}:${twoDigits(second % 60)}`;
  // Joined: a text that is added up is kept as its parts.
  return [dateText(days), time + rest].join('T');
}

/** The civil date of a day since the epoch, by eras of 400 years. */
function dateText(days: number): string {
  const shifted = days + DAYS_BEFORE_EPOCH;
  const era = Math.floor(shifted / ERA_DAYS);
  const dayOfEra = shifted - era * ERA_DAYS;
  const leapDays = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const march = Math.floor((5 * dayOfYear + 2) / 153);
  const month = march < 10 ? march + 3 : march - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${year}-${twoDigits(month)}-${twoDigits(dayOfYear - Math.floor((153 * march + 2) / 5) + 1)}`;
}

const twoDigits = (number: number): string => (number < 10 ? `0${number}` : `${number}`);

/** RFC 3339 in UTC with whole seconds: the form of `metav1.Time`. */
export const timestamp = (at: Instant): string => secondsText(at, 'Z');
/** RFC 3339 in UTC with six decimals: the form of `metav1.MicroTime`. */
export const microTimestamp = (at: Instant): string =>
  secondsText(at, `.${String(Math.floor(at - Math.floor(at / SECOND) * SECOND)).padStart(3, '0')}000Z`);
/** Reads either form; `undefined` for text that is no time. */
export function parseTimestamp(text: string): Instant | undefined {
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? undefined : instant(epochMs);
}
