import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from './api/core-v1.js';

/** Whether one of the terms holds for the node. A term without requirements holds for none, as upstream has it. */
export function matchesNodeSelectorTerms(terms: readonly NodeSelectorTerm[], node: Node): boolean {
  return terms.some((term) => matchesNodeSelectorTerm(term, node));
}

export function matchesNodeSelectorTerm({ matchExpressions, matchFields }: NodeSelectorTerm, node: Node): boolean {
  if ((matchExpressions?.length ?? 0) === 0 && (matchFields?.length ?? 0) === 0) return false;
  const { labels = {}, name } = node.metadata;
  return (
    (matchExpressions ?? []).every((each) => holds(each, labels[each.key])) &&
    (matchFields ?? []).every((each) => holds(each, each.key === 'metadata.name' ? name : undefined))
  );
}

function holds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return compare(value, values[0], (a, b) => a > b);
    case 'Lt':
      return compare(value, values[0], (a, b) => a < b);
    default:
      return false;
  }
}

function compare(
  value: string | undefined,
  bound: string | undefined,
  test: (a: bigint, b: bigint) => boolean,
): boolean {
  if (value === undefined || bound === undefined || !isInteger(value) || !isInteger(bound)) return false;
  return test(BigInt(value), BigInt(bound));
}

const isInteger = (text: string): boolean => /^-?\d{1,19}$/.test(text);
