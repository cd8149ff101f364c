import type { NodeSelectorTerm, Pod, Taint, Toleration } from '../../../src/engine/machinery/api/core-v1.js';
import { unfit, type FilterRule, type ScoreRule } from './model-world.js';
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

export const nodeAffinityRule: FilterRule = (_, pod, node) => {
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required?.nodeSelectorTerms ?? [];
  if (terms.length > 0 && terms.every(namesNobody)) return unfit('pod affinity terms conflict');
  return wants(pod, node) ? undefined : unfit("node(s) didn't match Pod's node affinity/selector");
};

/** A term that demands two names of one node. */
function namesNobody({ matchFields = [] }: NodeSelectorTerm): boolean {
  const lists = matchFields.filter(({ operator }) => operator === 'In').map(({ values = [] }) => values);
  const [first, ...others] = lists;
  return first !== undefined && !first.some((name) => others.every((each) => each.includes(name)));
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
