import { duplicate, tooMany } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';

type CheckItem<Item> = (item: Item, path: string) => void;

/** Too long a list is not looked at any further. */
export function checkList<Item>(
  report: Report,
  path: string,
  { list, countMax }: { readonly list: readonly Item[] | null | undefined; readonly countMax: number },
  check: CheckItem<Item>,
): boolean {
  if (list === undefined || list === null) return true;
  if (list.length > countMax) {
    report(tooMany(path, list.length, countMax));
    return false;
  }
  for (const [index, item] of list.entries()) check(item, `${path}[${index}]`);
  return true;
}

/** As `checkList`; then what stands in the list twice, by its key. */
export function checkSet<Item>(
  report: Report,
  path: string,
  {
    list,
    countMax,
    keyOf,
    shown,
  }: {
    readonly list: readonly Item[] | null | undefined;
    readonly countMax: number;
    keyOf(item: Item): string;
    /** What the error shows for a key; the key itself unless given. */
    shown?(item: Item): unknown;
  },
  check: CheckItem<Item>,
): void {
  if (!checkList(report, path, { list, countMax }, check)) return;
  const seen = new Set<string>();
  for (const [index, item] of (list ?? []).entries()) {
    const key = keyOf(item);
    if (seen.has(key)) report(duplicate(`${path}[${index}]`, shown?.(item) ?? key));
    seen.add(key);
  }
}
