import { between, parseTimestamp } from '../../kernel/clock.js';
import type { Container } from '../../machinery/api/core-v1.js';
import type { LabelSelector } from '../../machinery/api/meta-v1.js';
import { humanDuration } from '../../machinery/human-duration.js';
import type { Column, ColumnContext } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import { selectorText } from './selector-text.js';

export const nameColumn: Column<KubeObject> = Object.freeze({
  name: 'Name',
  type: 'string',
  format: 'name',
  value: ({ metadata }: KubeObject) => metadata.name,
});

export const ageColumn: Column<KubeObject> = Object.freeze({
  name: 'Age',
  type: 'string',
  value: ({ metadata }: KubeObject, context: ColumnContext) => ageCell(metadata.creationTimestamp, context),
});

/** The time since then as people read it. */
export function ageCell(time: string | null | undefined, { now }: ColumnContext): string {
  const start = time === undefined || time === null ? undefined : parseTimestamp(time);
  return start === undefined ? '<unknown>' : humanDuration(between(start, now));
}

/** The names and images of a template's containers, shown by `-o wide`. */
export const containerColumns = <T extends KubeObject>(
  containersOf: (object: T) => readonly Container[],
): readonly Column<T>[] => [
  {
    name: 'Containers',
    type: 'string',
    priority: 1,
    value: (object) =>
      containersOf(object)
        .map(({ name }) => name)
        .join(','),
  },
  {
    name: 'Images',
    type: 'string',
    priority: 1,
    value: (object) =>
      containersOf(object)
        .map(({ image }) => image ?? '')
        .join(','),
  },
];

export const selectorColumn = <T extends KubeObject>(
  selectorOf: (object: T) => LabelSelector | undefined,
): Column<T> => ({
  name: 'Selector',
  type: 'string',
  priority: 1,
  value: (object) => selectorText(selectorOf(object)) || '<none>',
});
