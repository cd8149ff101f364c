import type { LabelSelector } from '../../machinery/api/meta-v1.js';
import type { Draft } from '../../machinery/object.js';

/** Go writes a selector that was not given as null; off the wire it is absent, to be refused as missing. */
export function dropNullSelector(spec: { selector?: Draft<LabelSelector> | null }): void {
  if (spec.selector === null) delete spec.selector;
}
