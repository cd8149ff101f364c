import type { LabelSelector, LabelSelectorRequirement } from '../../machinery/api/meta-v1.js';

/** The selector in the form of a query parameter, requirements by key: `app=web,tier in (a,b)`. Selects nothing when absent. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return '';
  const requirements = [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` })),
    ...(selector.matchExpressions ?? []).map((each) => ({ key: each.key, text: requirementText(each) })),
  ];
  return requirements
    .toSorted((left, right) => compare(left.key, right.key))
    .map(({ text }) => text)
    .join(',');
}

/** Labels as a query parameter, by key; empty for none. */
export const labelsText = (labels: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .toSorted(compare)
    .join(',');

function requirementText({ key, operator, values = [] }: LabelSelectorRequirement): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.toSorted(compare).join(',')})`;
    case 'NotIn':
      return `${key} notin (${values.toSorted(compare).join(',')})`;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return key;
  }
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
