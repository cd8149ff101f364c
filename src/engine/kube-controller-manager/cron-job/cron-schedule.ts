import { after, instant, milliseconds, seconds, type Duration, type Instant } from '../../kernel/clock.js';
import { parseGoDuration } from '../../machinery/schema/go-duration.js';
import { TimeZone, type LocalTime } from './time-zone.js';

/** When something is to happen again and again. */
export interface Schedule {
  /** The first time after `since`; `undefined` where there is none within five years. */
  next(since: Instant): Instant | undefined;
}

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const MONTHS = ['', 'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const YEARS_MAX = 5;
const MS_PER_SECOND = 1_000;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const HOUR = milliseconds(3_600_000);
const MINUTE = milliseconds(60_000);

/** Of a well-formed expression, in the zone that it names itself, or else in the given one. */
export function parseSchedule(expression: string, zoneName: string): Schedule {
  const [, ownZone, rest = expression] = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(expression) ?? [];
  if (rest.startsWith('@every ')) return new EvenSchedule(rest.slice('@every '.length));
  const fields = (DESCRIPTORS[rest] ?? rest).trim().split(/\s+/);
  return new CronSchedule(fields, new TimeZone(ownZone ?? zoneName));
}

/** `@every 1h30m`: whole seconds, at least one. */
class EvenSchedule implements Schedule {
  readonly #period: Duration;

  constructor(text: string) {
    const parsed = parseGoDuration(text);
    const total = 'refusal' in parsed ? 1n : parsed.nanoseconds / NANOSECONDS_PER_SECOND;
    this.#period = seconds(Math.max(Number(total), 1));
  }

  next(since: Instant): Instant {
    return after(instant(Math.floor(since / MS_PER_SECOND) * MS_PER_SECOND), this.#period);
  }
}

/**
 * Five fields. Goes forward field by field, as upstream's library does, so that the same happens where clocks change: a
 * time that they skip does not come, and one that they show twice comes twice if its hour is not a fixed one.
 */
class CronSchedule implements Schedule {
  readonly #minutes: ReadonlySet<number>;
  readonly #hours: ReadonlySet<number>;
  readonly #days: ReadonlySet<number>;
  readonly #months: ReadonlySet<number>;
  readonly #weekdays: ReadonlySet<number>;
  /** Whether the one kind of day says nothing, so that the other decides alone. */
  readonly #isAnyDay: boolean;
  readonly #zone: TimeZone;

  constructor([minute = '*', hour = '*', day = '*', month = '*', weekday = '*']: readonly string[], zone: TimeZone) {
    this.#minutes = valuesOf(minute, 0, 59);
    this.#hours = valuesOf(hour, 0, 23);
    this.#days = valuesOf(day, 1, 31);
    this.#months = valuesOf(month, 1, 12, MONTHS);
    this.#weekdays = valuesOf(weekday, 0, 6, WEEKDAYS);
    this.#isAnyDay = isStar(day) || isStar(weekday);
    this.#zone = zone;
  }

  next(since: Instant): Instant | undefined {
    const zone = this.#zone;
    let at = instant((Math.floor(since / MS_PER_SECOND) + 1) * MS_PER_SECOND);
    const limit = zone.local(at).year + YEARS_MAX;
    for (;;) {
      const local = zone.local(at);
      if (local.year > limit) return undefined;
      const start = { ...local, hour: 0, minute: 0, second: 0 };
      if (!this.#months.has(local.month)) at = zone.instantOf({ ...start, month: local.month + 1, day: 1 });
      else if (!this.#isDay(local)) at = this.#midnight({ ...start, day: local.day + 1 });
      else if (!this.#hours.has(local.hour)) at = after(zone.instantOf({ ...local, minute: 0, second: 0 }), HOUR);
      else if (!this.#minutes.has(local.minute)) at = instant((Math.floor(at / MINUTE) + 1) * MINUTE);
      else if (local.second !== 0) at = instant((Math.floor(at / MINUTE) + 1) * MINUTE);
      else return at;
    }
  }

  /** Where clocks change at midnight, the day begins at another hour. */
  #midnight(wanted: LocalTime): Instant {
    const at = this.#zone.instantOf(wanted);
    const { hour } = this.#zone.local(at);
    return instant(at + (hour > 12 ? 24 - hour : 0) * HOUR);
  }

  #isDay({ year, month, day }: LocalTime): boolean {
    const isDate = this.#days.has(day);
    const isWeekday = this.#weekdays.has(new Date(Date.UTC(year, month - 1, day)).getUTCDay());
    return this.#isAnyDay ? isDate && isWeekday : isDate || isWeekday;
  }
}

const isStar = (field: string): boolean => field.split(',').some((range) => /^[*?](?:\/1)?$/.test(range));

function valuesOf(field: string, low: number, high: number, names: readonly string[] = []): ReadonlySet<number> {
  const values = new Set<number>();
  const numberOf = (text: string): number => {
    const named = text === '' ? -1 : names.indexOf(text.toLowerCase());
    return named >= 0 ? named : Number(text);
  };
  for (const range of field.split(',')) {
    const [span = '', step] = range.split('/');
    const [first = '', last] = span.split('-');
    const isAll = first === '*' || first === '?';
    const start = isAll ? low : numberOf(first);
    const end = last !== undefined ? numberOf(last) : isAll || step !== undefined ? high : start;
    for (let value = start; value <= end; value += Number(step ?? 1)) values.add(value);
  }
  return values;
}
