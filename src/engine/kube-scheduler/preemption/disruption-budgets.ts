import type { Pod } from '../../machinery/api/core-v1.js';
import type { PodDisruptionBudget } from '../../machinery/api/policy-v1.js';
import { fromLabelSelector, matches, type LabelRequirements } from '../../machinery/label-selector.js';
import type { PodInfo } from '../pod-info.js';

export interface Budget {
  readonly budget: PodDisruptionBudget;
  readonly selector: LabelRequirements;
}

export const budgetsOf = (budgets: readonly PodDisruptionBudget[]): readonly Budget[] =>
  budgets.map((budget) => ({ budget, selector: fromLabelSelector(budget.spec.selector) }));

/** Which pods, evicted in this order, would break a budget; the order is kept in both lists. */
export function splitByBudgets(
  pods: readonly PodInfo[],
  budgets: readonly Budget[],
): { readonly violating: readonly PodInfo[]; readonly others: readonly PodInfo[] } {
  if (budgets.length === 0) return { violating: [], others: pods };
  const left = budgets.map(({ budget }) => budget.status?.disruptionsAllowed ?? 0);
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const info of pods) {
    let isViolated = false;
    for (const [index, each] of budgets.entries()) {
      if (!isCounted(each, info.pod)) continue;
      left[index] = (left[index] ?? 0) - 1;
      if ((left[index] ?? 0) < 0) isViolated = true;
    }
    (isViolated ? violating : others).push(info);
  }
  return { violating, others };
}

/** An empty selector means nobody here; a pod whose eviction the budget has granted already is not counted twice. */
function isCounted({ budget, selector }: Budget, { metadata }: Pod): boolean {
  if (budget.metadata.namespace !== metadata.namespace || selector.length === 0) return false;
  if (Object.keys(metadata.labels ?? {}).length === 0 || !matches(selector, metadata.labels)) return false;
  return budget.status?.disruptedPods?.[metadata.name] === undefined;
}
