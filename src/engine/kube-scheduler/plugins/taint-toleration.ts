import type { Taint, Toleration } from '../../machinery/api/core-v1.js';
import { definePlugin, normalized, rejection } from '../framework.js';

/** Keeps a pod off nodes whose taints it does not tolerate, and prefers nodes with fewer taints of the preferring kind. */
export const taintToleration = definePlugin({
  name: 'TaintToleration',
  retryOn: ['node-added', 'node-updated', 'pod-updated'],
  weight: 3,

  filter({ spec }, { node }) {
    const taints = node?.spec.taints;
    if (taints === undefined) return undefined;
    const repelling = taints.filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');
    if (repelling.every((taint) => spec.tolerations?.some((each) => tolerates(each, taint)))) return undefined;
    return rejection('node(s) had untolerated taint(s)', { unresolvable: true });
  },

  score({ spec }, { node }) {
    const preferring = node?.spec.taints?.filter(({ effect }) => effect === 'PreferNoSchedule') ?? [];
    return preferring.filter((taint) => spec.tolerations?.some((each) => tolerates(each, taint)) !== true).length;
  },

  normalize: (scores) => normalized(scores, { reverse: true }),
});

/** Whether the toleration covers the taint, as `Toleration.ToleratesTaint` of upstream decides. */
export function tolerates(toleration: Toleration, taint: Pick<Taint, 'key' | 'value' | 'effect'>): boolean {
  const { effect = '', key = '', operator = 'Equal', value = '' } = toleration;
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return operator === 'Equal' && value === (taint.value ?? '');
}
