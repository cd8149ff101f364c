import { instant, type Instant } from '../../kernel/clock.js';

/** A date and time as clocks in a zone show it. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
/** Clocks change at multiples of this only. */
const STEP_MS = 15 * MS_PER_MINUTE;
const OFFSETS_MAX = 1_024;

/** Clocks of one place, by the zone data that the runtime brings along. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat | undefined;
  /** By step: asking for the parts of a date costs more than all else here. */
  readonly #offsets = new Map<number, number>();

  /** Throws a RangeError for a name that the runtime does not know. */
  constructor(name: string) {
    this.#format = isUniversal(name)
      ? undefined
      : new Intl.DateTimeFormat('en-US', {
          timeZone: name,
          hourCycle: 'h23',
          year: 'numeric',
          month: 'numeric',
          day: 'numeric',
          hour: 'numeric',
          minute: 'numeric',
          second: 'numeric',
        });
  }

  local(at: Instant): LocalTime {
    const date = new Date(at + this.offsetMs(at));
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
    };
  }

  /** Out-of-range fields carry over. Of a time that clocks skip or show twice, Go's choice. */
  instantOf({ year, month, day, hour, minute, second }: LocalTime): Instant {
    const asUtc = instant(Date.UTC(year, month - 1, day, hour, minute, second));
    const offset = this.offsetMs(asUtc);
    return offset === 0 ? asUtc : instant(asUtc - this.offsetMs(instant(asUtc - offset)));
  }

  /** What clocks are ahead of UTC. */
  offsetMs(at: Instant): number {
    if (this.#format === undefined) return 0;
    const step = Math.floor(at / STEP_MS);
    const known = this.#offsets.get(step);
    if (known !== undefined) return known;
    if (this.#offsets.size >= OFFSETS_MAX) this.#offsets.clear();
    const parts = new Map(this.#format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (name: keyof Intl.DateTimeFormatPartTypesRegistry): number => parts.get(name) ?? 0;
    const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    const offset = shown - Math.floor(at / MS_PER_SECOND) * MS_PER_SECOND;
    this.#offsets.set(step, offset);
    return offset;
  }

  /** RFC 3339 with the zone's offset. */
  text(at: Instant): string {
    const offset = this.offsetMs(at);
    const [date = ''] = new Date(at + offset).toISOString().split('.');
    if (offset === 0) return `${date}Z`;
    const minutes = Math.abs(offset) / MS_PER_MINUTE;
    return `${date}${offset < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
  }
}

const isUniversal = (name: string): boolean => ['', 'UTC', 'Etc/UTC', 'Local'].includes(name);

const twoDigits = (number: number): string => String(number).padStart(2, '0');
