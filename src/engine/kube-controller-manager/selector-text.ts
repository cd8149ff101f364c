import type { LabelSelector } from '../machinery/api/meta-v1.js';

/** As Go prints a pointer to the structure. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return 'nil';
  const { matchLabels, matchExpressions } = selector;
  const labels = Object.entries(matchLabels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const labelText = labels.map(([key, value]) => `${key}: ${value},`).join('');
  const expressions = (matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labelText}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
