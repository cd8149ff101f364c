/** The indexes of an Indexed Job as text: `1,3-5,7`. */
import { goQuote } from '../../machinery/go-text.js';

type Interval = readonly [first: number, last: number];
type ParsedIntervals =
  { readonly intervals: readonly Interval[]; readonly fault?: undefined } | { readonly fault: string };

/** All must lie below `completions`, in increasing order. The fault is in upstream's words. */
export function parseIntervals(text: string, completions: number): ParsedIntervals {
  const intervals: Interval[] = [];
  if (text === '') return { intervals };
  let last: number | undefined;
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    if (typeof interval === 'string') return { fault: interval };
    const [start, end] = interval;
    if (last !== undefined && last >= start) {
      return { fault: `non-increasing order, previous: ${last}, current: ${start}` };
    }
    intervals.push(interval);
    last = end;
  }
  return { intervals };
}

export const countIndexes = (intervals: readonly Interval[]): number =>
  intervals.reduce((count, [first, last]) => count + last - first + 1, 0);

/** The first index that is in both; parts that cannot be read are passed over. */
export function firstSharedIndex(left: string, right: string, completions: number): number | undefined {
  const [lefts, rights] = [left, right].map((text) =>
    text === '' ? [] : text.split(',').map((part) => parseInterval(part, completions)),
  );
  for (const a of lefts ?? []) {
    for (const b of rights ?? []) {
      if (typeof a === 'string' || typeof b === 'string') continue;
      if (a[0] <= b[1] && b[0] <= a[1]) return Math.max(a[0], b[0]);
    }
  }
  return undefined;
}

function parseInterval(text: string, completions: number): Interval | string {
  const [first = '', last, ...more] = text.split('-');
  if (more.length > 0) {
    const rule = "that an index interval can have at most two parts separated by '-'";
    return `the fragment ${goQuote(text)} violates the requirement ${rule}`;
  }
  const start = parseIndex(first, completions);
  if (typeof start === 'string' || last === undefined) return typeof start === 'string' ? start : [start, start];
  const end = parseIndex(last, completions);
  if (typeof end === 'string') return end;
  return start >= end ? `non-increasing order, previous: ${start}, current: ${end}` : [start, end];
}

function parseIndex(text: string, completions: number): number | string {
  if (!/^[+-]?\d+$/.test(text)) return `cannot convert string to integer for index: ${goQuote(text)}`;
  return Number(text) >= completions ? `too large index: ${goQuote(text)}` : Number(text);
}
