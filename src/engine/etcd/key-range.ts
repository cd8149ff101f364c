/** The keys from `from`, inclusive, up to `to`, exclusive; without `to`, all that follow. */
export interface KeyInterval {
  readonly from: string;
  readonly to?: string;
}

/** Either an interval or all keys that start with `prefix`. Keys are compared by UTF-16 code units. */
export type KeyRange = KeyInterval | { readonly prefix: string };

const CODE_UNIT_MAX = 0xffff;

export function intervalOf(range: KeyRange): KeyInterval {
  if (!('prefix' in range)) return range;
  const to = prefixEnd(range.prefix);
  return to === undefined ? { from: range.prefix } : { from: range.prefix, to };
}

/** The range of one key alone. */
export const only = (key: string): KeyInterval => ({ from: key, to: `${key}\0` });

export const includes = (interval: KeyInterval, key: string): boolean =>
  key >= interval.from && (interval.to === undefined || key < interval.to);

export const isEmpty = (interval: KeyInterval): boolean => interval.to !== undefined && interval.to <= interval.from;

export const compareKeys = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The first key after every key that starts with `prefix`; `undefined` where there is none. */
function prefixEnd(prefix: string): string | undefined {
  for (let length = prefix.length; length > 0; length--) {
    const last = prefix.charCodeAt(length - 1);
    if (last < CODE_UNIT_MAX) return prefix.slice(0, length - 1) + String.fromCharCode(last + 1);
  }
  return undefined;
}
