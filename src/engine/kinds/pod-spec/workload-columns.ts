import type { Container } from '../../machinery/api/core-v1.js';
import type { LabelSelector } from '../../machinery/api/meta-v1.js';
import type { Column } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import { labelSelectorText } from '../shared/label-selectors.js';

/** The names and images of a template's containers, shown by `-o wide`. */
export const containerColumns = <T extends KubeObject>(
  containersOf: (object: T) => readonly Container[] | undefined,
): readonly Column<T>[] => [
  { name: 'Containers', type: 'string', priority: 1, value: (object) => joined(containersOf(object), 'name') },
  { name: 'Images', type: 'string', priority: 1, value: (object) => joined(containersOf(object), 'image') },
];

export const selectorColumn = <T extends KubeObject>(
  selectorOf: (object: T) => LabelSelector | undefined,
): Column<T> => ({
  name: 'Selector',
  type: 'string',
  priority: 1,
  value: (object) => labelSelectorText(selectorOf(object)),
});

const joined = (containers: readonly Container[] | undefined, field: 'name' | 'image'): string =>
  (containers ?? []).map((each) => each[field] ?? '').join(',');
