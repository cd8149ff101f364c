import type {
  Node,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  Pod,
} from '../../../src/engine/machinery/api/core-v1.js';
import type { LabelSelector } from '../../../src/engine/machinery/api/meta-v1.js';
import { labelsOf, type Labels } from './model-world.js';

/** Whether a label selector picks these labels; none at all picks nothing, an empty one everything. */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  const isExact = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  const isRest = (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const isListed = value !== undefined && values.includes(value);
    return operator === 'In' ? isListed : !isListed;
  });
  return isExact && isRest;
}

/** Whether one of the terms means the node. */
export const meansNode = (terms: readonly NodeSelectorTerm[], node: Node): boolean =>
  terms.some((term) => termMeansNode(term, node));

/** All requirements of a term have to hold; a term without any means no node. */
export function termMeansNode({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const fields: Labels = { 'metadata.name': node.metadata.name };
  return (
    matchExpressions.every((each) => holds(each, labelsOf(node))) && matchFields.every((each) => holds(each, fields))
  );
}

function holds({ key, operator, values = [] }: NodeSelectorRequirement, labels: Labels): boolean {
  const value = labels[key];
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  if (operator === 'NotIn') return value === undefined || !values.includes(value);
  if (value === undefined) return false;
  if (operator === 'In') return values.includes(value);
  const [number, bound] = [Number(value), Number(values[0])];
  return operator === 'Gt' ? number > bound : number < bound;
}

/** What a pod demands of its node by `nodeSelector` and required node affinity. */
export function wants({ spec }: Pod, node: Node): boolean {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const isSelected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labelsOf(node)[key] === value);
  return isSelected && (terms === undefined || meansNode(terms, node));
}
