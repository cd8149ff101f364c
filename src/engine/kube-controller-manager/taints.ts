import type { Taint, Toleration } from '../machinery/api/core-v1.js';

/** Whether the toleration covers the taint, as upstream's `Toleration.ToleratesTaint` decides. */
export function tolerates(
  { key = '', operator = 'Equal', value = '', effect = '' }: Toleration,
  taint: Taint,
): boolean {
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  return operator === 'Exists' || (key !== '' && value === (taint.value ?? ''));
}
