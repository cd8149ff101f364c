import { Duration, Timestamp } from '../values/time-values.js';

const NANOSECONDS = 1_000_000_000n;
const MILLISECONDS_NANOSECONDS = 1_000_000n;
const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: MILLISECONDS_NANOSECONDS,
  s: NANOSECONDS,
  m: 60n * NANOSECONDS,
  h: 3_600n * NANOSECONDS,
};
const DURATION = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)/;
const DURATION_PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/gy;
const DURATION_NANOSECONDS_MAX = 2n ** 63n - 1n;

/** RFC 3339; `undefined` for a text that is none, or lies outside the years 1 to 9999. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match.map(Number) as [number, ...number[]];
  const [fraction = '', sign, zoneHour = '0', zoneMinute = '0'] = match.slice(7);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour! > 23 || minute! > 59 || second! > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour!, minute, second, 0);
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === '-' ? -1 : 1);
  const seconds = BigInt(date.getTime() / 1_000 - offset * 60);
  if (seconds < -62_135_596_800n || seconds > 253_402_300_799n) return undefined;
  return new Timestamp(seconds * NANOSECONDS + BigInt(fraction.padEnd(9, '0')));
}

const daysIn = (year: number, month: number): number => {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
};

/** Go's RFC3339Nano. */
export function timestampText({ nanoseconds }: Timestamp): string {
  const rest = ((nanoseconds % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  const whole = new Date(Number((nanoseconds - rest) / MILLISECONDS_NANOSECONDS)).toISOString().replace(/\.\d+Z$/, '');
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
  return `${whole.replace(/^\+0*/, '')}${fraction}Z`;
}

/** Go's `time.ParseDuration`. */
export function parseDuration(text: string): Duration | undefined {
  if (/^[+-]?0$/.test(text)) return new Duration(0n);
  if (!DURATION.test(text)) return undefined;
  const sign = text.startsWith('-') ? -1n : 1n;
  const rest = text.replace(/^[+-]/, '');
  let total = 0n;
  let end = 0;
  for (const [part, whole = '', fraction = '', unit = ''] of rest.matchAll(DURATION_PART)) {
    if (whole === '' && fraction === '') return undefined;
    const scale = UNITS[unit]!;
    total += BigInt(whole === '' ? '0' : whole) * scale;
    if (fraction !== '') total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    end += part.length;
  }
  if (end !== rest.length || total > DURATION_NANOSECONDS_MAX) return undefined;
  return new Duration(sign * total);
}

/** Seconds, as CEL writes a duration. */
export function durationText({ nanoseconds }: Duration): string {
  const magnitude = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const rest = magnitude % NANOSECONDS;
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
  return `${nanoseconds < 0n ? '-' : ''}${magnitude / NANOSECONDS}${fraction}s`;
}
