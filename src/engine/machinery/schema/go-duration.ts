/** `time.ParseDuration` and `Duration.String`, in nanoseconds, with Go's messages. */
import { goQuote } from '../go-text.js';

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const INT64_MAX = 9_223_372_036_854_775_807n;

export type ParsedDuration = { readonly nanoseconds: bigint } | { readonly refusal: string };

export function parseGoDuration(text: string): ParsedDuration {
  const invalid = { refusal: `time: invalid duration ${goQuote(text)}` };
  const negative = text.startsWith('-');
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return { nanoseconds: 0n };
  if (rest === '') return invalid;
  let total = 0n;
  while (rest !== '') {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest);
    const [matched = '', whole = '', fraction = ''] = number ?? [];
    if (whole === '' && fraction === '') return invalid;
    rest = rest.slice(matched.length);
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? '';
    if (unit === '') return { refusal: `time: missing unit in duration ${goQuote(text)}` };
    const scale = NANOSECONDS[unit];
    if (scale === undefined) return { refusal: `time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}` };
    rest = rest.slice(unit.length);
    total += BigInt(whole === '' ? '0' : whole) * scale;
    if (fraction !== '') total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
    if (total > INT64_MAX + (negative ? 1n : 0n)) return invalid;
  }
  return { nanoseconds: negative ? -total : total };
}

/** `1m30s`, `1.5s`, `20ms`, `0s`: no leading zero units, fractions without trailing zeros. */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${formatGoDuration(-nanoseconds)}`;
  if (nanoseconds === 0n) return '0s';
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 3)}µs`;
  if (nanoseconds < 1_000_000_000n) return `${decimal(nanoseconds, 6)}ms`;
  const minute = 60_000_000_000n;
  const seconds = `${decimal(nanoseconds % minute, 9)}s`;
  const minutes = nanoseconds / minute;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, places: number): string {
  const scale = 10n ** BigInt(places);
  const fraction = (value % scale).toString().padStart(places, '0').replace(/0+$/, '');
  return fraction === '' ? `${value / scale}` : `${value / scale}.${fraction}`;
}
