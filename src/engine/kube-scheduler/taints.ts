import type { Node, Taint, Toleration } from '../machinery/api/core-v1.js';

/** Whether the toleration covers the taint, as `Toleration.ToleratesTaint` of upstream decides. */
export function tolerates(toleration: Toleration, taint: Pick<Taint, 'key' | 'value' | 'effect'>): boolean {
  const { effect = '', key = '', operator = 'Equal', value = '' } = toleration;
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return (operator === 'Equal' || operator === '') && value === (taint.value ?? '');
}

/** Whether a taint of the node that keeps pods off is not covered by any of the tolerations. */
export function isRepelled(node: Node | undefined, tolerations: readonly Toleration[] = []): boolean {
  const taints = node?.spec.taints;
  if (taints === undefined) return false;
  return taints.some(
    (taint) =>
      (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') &&
      !tolerations.some((each) => tolerates(each, taint)),
  );
}
