import type { LabelSelector } from '../../machinery/api/meta-v1.js';
import { formatLabelSelector, fromLabelSelector } from '../../machinery/label-selector.js';

/** A selector as tables show it; `<none>` when it selects all or is absent. */
export const labelSelectorText = (selector: LabelSelector | undefined): string =>
  (selector === undefined ? '' : formatLabelSelector(fromLabelSelector(selector))) || '<none>';
