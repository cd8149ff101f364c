/** The unified diff of Python's difflib (and of its Go port), which upstream prints: not the shortest, but the one it finds. */

const CONTEXT_LINES = 3;
/** Lines that make up more than a hundredth of a long text tell nothing about where they belong. */
const POPULAR_TEXT_MIN = 200;

type Match = readonly [a: number, b: number, length: number];
type Tag = 'equal' | 'replace' | 'delete' | 'insert';
type Edit = readonly [tag: Tag, a: number, aEnd: number, b: number, bEnd: number];

/** Hunks with three lines of context; empty for equal texts. Every line ends with a line feed. */
export function unifiedDiff(before: readonly string[], now: readonly string[]): string {
  let text = '';
  for (const group of groups(edits(before, now))) {
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) continue;
    text += `@@ -${range(first[1], last[2])} +${range(first[3], last[4])} @@\n`;
    for (const [tag, a, aEnd, b, bEnd] of group) {
      if (tag === 'equal') for (const line of before.slice(a, aEnd)) text += ` ${line}\n`;
      if (tag === 'replace' || tag === 'delete') for (const line of before.slice(a, aEnd)) text += `-${line}\n`;
      if (tag === 'replace' || tag === 'insert') for (const line of now.slice(b, bEnd)) text += `+${line}\n`;
    }
  }
  return text;
}

function range(start: number, end: number): string {
  const length = end - start;
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}

function edits(a: readonly string[], b: readonly string[]): readonly Edit[] {
  const found: Edit[] = [];
  let [i, j] = [0, 0];
  for (const [ai, bj, length] of [...matches(a, b), [a.length, b.length, 0] as const]) {
    const tag: Tag | undefined = i < ai && j < bj ? 'replace' : i < ai ? 'delete' : j < bj ? 'insert' : undefined;
    if (tag !== undefined) found.push([tag, i, ai, j, bj]);
    [i, j] = [ai + length, bj + length];
    if (length > 0) found.push(['equal', ai, i, bj, j]);
  }
  return found;
}

/** Edits that lie close together, with their context. */
function groups(all: readonly Edit[]): readonly (readonly Edit[])[] {
  const found: Edit[][] = [];
  let group: Edit[] = [];
  for (const [index, [tag, a, aEnd, b, bEnd]] of all.entries()) {
    if (tag !== 'equal') {
      group.push([tag, a, aEnd, b, bEnd]);
      continue;
    }
    const [isFirst, isLast] = [index === 0, index === all.length - 1];
    const length = aEnd - a;
    if (!isFirst && (isLast || length > 2 * CONTEXT_LINES)) {
      const shown = Math.min(length, CONTEXT_LINES);
      group.push([tag, a, a + shown, b, b + shown]);
      found.push(group);
      group = [];
    }
    if (isLast) return found;
    if (isFirst || length > 2 * CONTEXT_LINES) {
      const hidden = Math.max(0, length - CONTEXT_LINES);
      group.push([tag, a + hidden, aEnd, b + hidden, bEnd]);
    } else group.push([tag, a, aEnd, b, bEnd]);
  }
  if (group.length > 0) found.push(group);
  return found;
}

/** Longest common runs, found one inside the gaps of another; neighbours are joined. */
function matches(a: readonly string[], b: readonly string[]): readonly Match[] {
  const places = placesOf(b);
  const pending: [number, number, number, number][] = [[0, a.length, 0, b.length]];
  const found: Match[] = [];
  for (let gap = pending.pop(); gap !== undefined; gap = pending.pop()) {
    const [aLow, aHigh, bLow, bHigh] = gap;
    const match = longestMatch(a, b, places, gap);
    const [i, j, length] = match;
    if (length === 0) continue;
    found.push(match);
    if (aLow < i && bLow < j) pending.push([aLow, i, bLow, j]);
    if (i + length < aHigh && j + length < bHigh) pending.push([i + length, aHigh, j + length, bHigh]);
  }
  found.sort((left, right) => left[0] - right[0]);
  const joined: [number, number, number][] = [];
  for (const [i, j, length] of found) {
    const last = joined.at(-1);
    if (last !== undefined && last[0] + last[2] === i && last[1] + last[2] === j) last[2] += length;
    else joined.push([i, j, length]);
  }
  return joined;
}

function placesOf(b: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [index, line] of b.entries()) {
    const list = places.get(line);
    if (list === undefined) places.set(line, [index]);
    else list.push(index);
  }
  if (b.length < POPULAR_TEXT_MIN) return places;
  const popular = Math.floor(b.length / 100) + 1;
  for (const [line, list] of places) if (list.length > popular) places.delete(line);
  return places;
}

/** The first of the longest runs; popular lines only lengthen what was found without them. */
function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aLow, aHigh, bLow, bHigh]: readonly [number, number, number, number],
): Match {
  let [bestA, bestB, best] = [aLow, bLow, 0];
  let lengths = new Map<number, number>();
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i] ?? '') ?? []) {
      if (j < bLow) continue;
      if (j >= bHigh) break;
      const length = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, length);
      if (length > best) [bestA, bestB, best] = [i - length + 1, j - length + 1, length];
    }
    lengths = next;
  }
  while (bestA > aLow && bestB > bLow && a[bestA - 1] === b[bestB - 1])
    [bestA, bestB, best] = [bestA - 1, bestB - 1, best + 1];
  while (bestA + best < aHigh && bestB + best < bHigh && a[bestA + best] === b[bestB + best]) best++;
  return [bestA, bestB, best];
}
