/** `time.Parse` and `Time.Format` for the two layouts that API objects use, with Go's messages. */
import { goQuote } from '../go-text.js';

const LAYOUTS = {
  time: '2006-01-02T15:04:05Z07:00',
  microTime: '2006-01-02T15:04:05.000000Z07:00',
} as const;
const ZERO_TIMES: ReadonlySet<string> = new Set(['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z']);
/** Days every month has: a plainly written date up to here needs no calendar. */
const DAYS_MIN = 28;
const MICROSECOND_DIGITS = 6;

export type ParsedTime = { readonly text: string } | { readonly refusal: string };

/** Whether `text` is how Go writes a time: UTC in whole seconds, and no rare date. It is then its own canonical form. */
export function isCanonicalTime(text: string): boolean {
  if (text.length !== 20 || text.charCodeAt(19) !== 0x5a || text.charCodeAt(10) !== 0x54) return false;
  if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(7) !== 0x2d) return false;
  if (text.charCodeAt(13) !== 0x3a || text.charCodeAt(16) !== 0x3a) return false;
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  return (
    twoDigits(text, 0) > 0 &&
    twoDigits(text, 2) >= 0 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= DAYS_MIN &&
    isBelow(twoDigits(text, 11), 24) &&
    isBelow(twoDigits(text, 14), 60) &&
    isBelow(twoDigits(text, 17), 60)
  );
}

export const isZeroTime = (text: string): boolean => ZERO_TIMES.has(text);

/** The canonical text of an RFC 3339 time: UTC, whole seconds or, for a `microTime`, six decimals. */
export function parseTime(text: string, kind: 'time' | 'microTime'): ParsedTime {
  const reader = new TimeReader(text, kind);
  return reader.read();
}

/** Reads one element of the layout after the other; the first that does not fit makes the message. */
class TimeReader {
  readonly #text: string;
  readonly #kind: 'time' | 'microTime';
  #rest: string;
  #refusal: string | undefined;

  constructor(text: string, kind: 'time' | 'microTime') {
    this.#text = text;
    this.#kind = kind;
    this.#rest = text;
  }

  read(): ParsedTime {
    const year = this.#year();
    this.#literal('-');
    const month = this.#number('01', 'month', 1, 12);
    this.#literal('-');
    const day = this.#number('02', 'day', 0, 99);
    this.#literal('T');
    const hour = this.#number('15', 'hour', 0, 23);
    this.#literal(':');
    const minute = this.#number('04', 'minute', 0, 59);
    this.#literal(':');
    const second = this.#number('05', 'second', 0, 59);
    const micros = this.#fraction();
    const offsetSeconds = this.#zone();
    if (this.#refusal === undefined && this.#rest !== '') this.#refuse(`: extra text: ${goQuote(this.#rest)}`);
    const days = new Date(0);
    days.setUTCFullYear(year, month, 0);
    if (day < 1 || day > days.getUTCDate()) this.#refuse(': day out of range');
    if (this.#refusal !== undefined) return { refusal: this.#refusal };

    const at = new Date(0);
    at.setUTCFullYear(year, month - 1, day);
    at.setUTCHours(hour, minute, second - offsetSeconds);
    const whole = at.toISOString().slice(0, -'.000Z'.length);
    return { text: this.#kind === 'time' ? `${whole}Z` : `${whole}.${micros}Z` };
  }

  #year(): number {
    const match = /^\d{4}/.exec(this.#rest);
    if (match === null) return this.#mismatch('2006');
    this.#rest = this.#rest.slice(4);
    return Number(match[0]);
  }

  #literal(character: string): void {
    if (this.#refusal !== undefined) return;
    if (this.#rest.startsWith(character)) this.#rest = this.#rest.slice(1);
    else this.#mismatch(character);
  }

  /** Two digits; the hour alone may have one, as in Go. */
  #number(element: string, name: string, min: number, max: number): number {
    if (this.#refusal !== undefined) return 0;
    const match = (element === '15' ? /^\d\d?/ : /^\d\d/).exec(this.#rest);
    if (match === null) return this.#mismatch(element);
    this.#rest = this.#rest.slice(match[0].length);
    const value = Number(match[0]);
    if (value < min || value > max) this.#refuse(`: ${name} out of range`);
    return value;
  }

  /** The microseconds as six digits. A `time` may have any fraction and loses it; a `microTime` must have six digits. */
  #fraction(): string {
    if (this.#refusal !== undefined) return '';
    if (this.#kind === 'time') {
      this.#rest = this.#rest.replace(/^[.,]\d+/, '');
      return '';
    }
    const match = /^[.,](\d{6})/.exec(this.#rest);
    if (match === null) this.#mismatch('.000000');
    this.#rest = this.#rest.slice(1 + MICROSECOND_DIGITS);
    return match?.[1] ?? '';
  }

  #zone(): number {
    if (this.#refusal !== undefined) return 0;
    if (this.#rest.startsWith('Z')) {
      this.#rest = this.#rest.slice(1);
      return 0;
    }
    const match = /^([+-])(\d\d):(\d\d)/.exec(this.#rest);
    if (match === null) return this.#mismatch('Z07:00');
    this.#rest = this.#rest.slice(match[0].length);
    const [hours, minutes] = [Number(match[2]), Number(match[3])];
    // Go lets an offset be 24 hours or 60 minutes, since some write it so.
    if (hours > 24) this.#refuse(': time zone offset hour out of range');
    if (minutes > 60) this.#refuse(': time zone offset minute out of range');
    return (hours * 60 + minutes) * 60 * (match[1] === '-' ? -1 : 1);
  }

  #mismatch(element: string): number {
    this.#refuse(` as ${goQuote(LAYOUTS[this.#kind])}: cannot parse ${goQuote(this.#rest)} as ${goQuote(element)}`);
    return 0;
  }

  #refuse(reason: string): void {
    this.#refusal ??= `parsing time ${goQuote(this.#text)}${reason}`;
  }
}

const isBelow = (value: number, bound: number): boolean => value >= 0 && value < bound;

/** The number that two digits write at `at`; -1 when they are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
}
