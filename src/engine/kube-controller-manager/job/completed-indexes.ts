export type Interval = readonly [first: number, last: number];
export type Intervals = readonly Interval[];

export const NO_INDEXES: Intervals = Object.freeze([]);

/** Reads `1,3-5,7` as a status holds it; parts that cannot be read, and indexes from `completions` on, are passed over. */
export function readIndexes(text: string, completions: number): Intervals {
  const intervals: Interval[] = [];
  for (const part of text === '' ? [] : text.split(',')) {
    const [first, last = first] = part.split('-').map((each) => (/^\d+$/.test(each) ? Number(each) : Number.NaN));
    if (first === undefined || last === undefined || Number.isNaN(first + last)) continue;
    if (first >= completions) break;
    intervals.push([first, Math.min(last, completions - 1)]);
  }
  return joined(intervals);
}

export const textOf = (intervals: Intervals): string =>
  intervals
    .map(([first, last]) => {
      if (first === last) return `${first}`;
      return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
    })
    .join(',');

export const countOf = (intervals: Intervals): number =>
  intervals.reduce((count, [first, last]) => count + last - first + 1, 0);

export const union = (left: Intervals, right: Intervals): Intervals =>
  joined([...left, ...right].toSorted(([a], [b]) => a - b));

export const withIndexes = (intervals: Intervals, indexes: Iterable<number>): Intervals =>
  union(
    intervals,
    Array.from(indexes, (index) => [index, index] as const),
  );

/** By bisection: a Job may have very many indexes. */
export function hasIndex(intervals: Intervals, index: number): boolean {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((intervals[middle]?.[1] ?? 0) >= index) high = middle;
    else low = middle + 1;
  }
  const found = intervals[low];
  return found !== undefined && found[0] <= index;
}

export function countShared(left: Intervals, right: Intervals): number {
  let count = 0;
  for (let a = 0, b = 0; ;) {
    const one = left[a];
    const other = right[b];
    if (one === undefined || other === undefined) return count;
    count += Math.max(0, Math.min(one[1], other[1]) - Math.max(one[0], other[0]) + 1);
    if (one[1] <= other[1]) a++;
    if (other[1] <= one[1]) b++;
  }
}

/** The first `count` indexes below `completions` that are in none of the intervals. */
export function firstMissing(intervals: Intervals, count: number, completions: number): readonly number[] {
  const missing: number[] = [];
  let candidate = 0;
  for (const [first, last] of [...intervals, [completions, completions] as const]) {
    for (; candidate < Math.min(first, completions) && missing.length < count; candidate++) missing.push(candidate);
    candidate = Math.max(candidate, last + 1);
  }
  return missing;
}

function joined(sorted: Intervals): Intervals {
  const result: [number, number][] = [];
  for (const [first, last] of sorted) {
    const previous = result.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else result.push([first, last]);
  }
  return result;
}
