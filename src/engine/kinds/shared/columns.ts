import type { Instant } from '../../kernel/clock.js';
import { milliseconds, parseTimestamp } from '../../kernel/clock.js';
import { humanDuration } from '../../machinery/human-duration.js';
import type { Column } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';

export const nameColumn: Column<KubeObject> = {
  name: 'Name',
  type: 'string',
  format: 'name',
  value: ({ metadata }) => metadata.name,
};

/** The time since creation, such as `5m`. */
export const ageColumn: Column<KubeObject> = {
  name: 'Age',
  type: 'string',
  value: (object, { now }) => ageOf(object, now),
};

/** What upstream shows of a kind that it has no printer for. */
export const createdAtColumn: Column<KubeObject> = {
  name: 'Created At',
  type: 'date',
  value: ({ metadata }) => metadata.creationTimestamp,
};

export const ageOf = ({ metadata }: KubeObject, now: Instant): string => timeSince(metadata.creationTimestamp, now);

/** `<unknown>` where there is no timestamp. */
export function timeSince(timestamp: string | null | undefined, now: Instant): string {
  const start = timestamp === undefined || timestamp === null ? undefined : parseTimestamp(timestamp);
  return start === undefined ? '<unknown>' : humanDuration(milliseconds(now - start));
}

/** `a,b,c + 2 more...`: the first `countMax` of a longer list. An empty list is `<none>`, or what `none` says. */
export function listWithMore(items: readonly string[], countMax: number, none = '<none>'): string {
  if (items.length === 0) return none;
  const shown = items.slice(0, countMax).join(',');
  return items.length > countMax ? `${shown} + ${items.length - countMax} more...` : shown;
}

/** `a=b,c=d`, sorted by key; `<none>` for no labels. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.toSorted().join(',');
}
