const VERSION = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;
const STABILITY: Readonly<Record<string, number>> = { stable: 2, beta: 1, alpha: 0 };

/** Sorts the preferred version first: stable before beta before alpha, newer before older, other names last by the alphabet. */
export function compareVersions(one: string, other: string): number {
  const [first, second] = [VERSION.exec(one), VERSION.exec(other)];
  if (first === null || second === null) {
    if (first !== second) return first === null ? 1 : -1;
    return one < other ? -1 : one > other ? 1 : 0;
  }
  const [a, b] = [rankOf(first), rankOf(second)];
  for (const [index, value] of a.entries()) {
    const difference = (b[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return 0;
}

const rankOf = ([, major = '0', stability = 'stable', minor = '0']: RegExpExecArray): readonly number[] => [
  STABILITY[stability] ?? 0,
  Number(major),
  Number(minor),
];
