import { parseTimestamp } from '../../kernel/clock.js';
import type { KubeObject } from '../../machinery/object.js';

/** Of the classes that an annotation marks as the default, the newest; of several as new, the first by name. */
export function newestDefault<T extends KubeObject>(
  classes: readonly T[],
  annotations: readonly string[],
): T | undefined {
  const isDefault = ({ metadata }: T): boolean => annotations.some((each) => metadata.annotations?.[each] === 'true');
  return classes.filter(isDefault).toSorted(newestFirst)[0];
}

const createdAt = ({ metadata }: KubeObject): number => parseTimestamp(metadata.creationTimestamp ?? '') ?? 0;

const newestFirst = (a: KubeObject, b: KubeObject): number =>
  createdAt(b) - createdAt(a) || (a.metadata.name < b.metadata.name ? -1 : 1);
