import type { Node, NodeSelectorTerm, Pod, Taint, Toleration } from '../../../src/engine/machinery/api/core-v1.js';
import { unfit, type ClusterRule, type FilterRule, type ScoreRule } from './model-world.js';
import { termMeansNode, wants } from './selectors.js';

/** A pod with gates waits. */
export const gateRule = ({ spec }: Pod): string | undefined =>
  spec.schedulingGates === undefined || spec.schedulingGates.length === 0
    ? undefined
    : `waiting for scheduling gates: [${spec.schedulingGates.map(({ name }) => name).join(' ')}]`;

export const unschedulableRule: FilterRule = (_, pod, { spec }) =>
  spec.unschedulable === true && !covers(pod, { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' })
    ? unfit('node(s) were unschedulable')
    : undefined;

export const nodeNameRule: FilterRule = (_, pod, { metadata }) =>
  pod.spec.nodeName === undefined || pod.spec.nodeName === '' || pod.spec.nodeName === metadata.name
    ? undefined
    : unfit("node(s) didn't match the requested node name");

export const taintRule: FilterRule = (_, pod, { spec }) =>
  (spec.taints ?? []).some((taint) => taint.effect !== 'PreferNoSchedule' && !covers(pod, taint))
    ? unfit('node(s) had untolerated taint(s)')
    : undefined;

/** Fewer taints of the preferring kind are better. */
export const taintScores: ScoreRule = (_, pod, nodes) => {
  const raw = nodes.map(
    ({ spec }) =>
      (spec.taints ?? []).filter((taint) => taint.effect === 'PreferNoSchedule' && !covers(pod, taint)).length,
  );
  const highest = Math.max(...raw);
  return raw.map((count) => (highest === 0 ? 100 : 100 - Math.floor((100 * count) / highest)));
};

export const nodeAffinityRule: FilterRule = (world, pod, node) => {
  const fault = nodeAffinityFault(world, pod);
  if (fault !== undefined) return unfit(fault);
  return wants(pod, node) ? undefined : unfit("node(s) didn't match Pod's node affinity/selector");
};

export const nodeAffinityFault: ClusterRule = (_, pod) => {
  const terms = requiredTerms(pod);
  return terms.length > 0 && terms.every((term) => namesIn(term)?.length === 0)
    ? 'pod affinity terms conflict'
    : undefined;
};

/** Whether only nodes come into question that the pod names, and this is none of them. */
export function isLeftOut(pod: Pod, { metadata }: Node): boolean {
  const names = requiredTerms(pod).map(namesIn);
  const isOpen = names.length === 0 || names.includes(undefined);
  return !isOpen && !names.flatMap((each) => each ?? []).includes(metadata.name);
}

const requiredTerms = ({ spec }: Pod): readonly NodeSelectorTerm[] =>
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];

/** The names that a term demands; `undefined` where it demands none. */
function namesIn({ matchFields = [] }: NodeSelectorTerm): readonly string[] | undefined {
  const lists = matchFields.filter(({ operator }) => operator === 'In').map(({ values = [] }) => values);
  return lists[0]?.filter((name) => lists.every((each) => each.includes(name)));
}

export const nodeAffinityScores: ScoreRule = (_, pod, nodes) => {
  const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  if (preferred.length === 0) return undefined;
  const raw = nodes.map((node) =>
    preferred.reduce((sum, { weight, preference }) => sum + (termMeansNode(preference, node) ? weight : 0), 0),
  );
  const highest = Math.max(...raw);
  return raw.map((score) => (highest === 0 ? score : Math.floor((100 * score) / highest)));
};

/** Whether one of the pod's tolerations covers the taint. */
function covers({ spec }: Pod, taint: Taint): boolean {
  return (spec.tolerations ?? []).some(({ key, operator = 'Equal', value = '', effect }: Toleration) => {
    if (effect !== undefined && effect !== taint.effect) return false;
    if (key === undefined) return operator === 'Exists';
    return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''));
  });
}
