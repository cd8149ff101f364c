import type {
  Job,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyRule,
} from '../../machinery/api/batch-v1.js';
import type { ContainerStatus, Pod } from '../../machinery/api/core-v1.js';
import { countOf, countShared, readIndexes, type Intervals } from './completed-indexes.js';

export interface FailureVerdict {
  readonly action: 'Ignore' | 'FailIndex' | 'Count' | 'FailJob' | undefined;
  /** Whether the failure counts against the limits. */
  readonly isCounted: boolean;
  /** Why the whole Job fails, where it does. */
  readonly message: string | undefined;
}

const COUNTED: FailureVerdict = Object.freeze({ action: undefined, isCounted: true, message: undefined });

/** What the first matching rule makes of a failed pod. */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const cause = causeOf(rule, pod);
    if (cause === undefined) continue;
    const action = rule.action as FailureVerdict['action'];
    const message = action === 'FailJob' ? `${cause} matching ${action} rule at index ${index}` : undefined;
    return { action, isCounted: action !== 'Ignore', message };
  }
  return COUNTED;
}

function causeOf({ onExitCodes, onPodConditions }: PodFailurePolicyRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
  if (onExitCodes !== undefined) {
    const found =
      exitMatching(pod.status?.containerStatuses, onExitCodes) ??
      exitMatching(pod.status?.initContainerStatuses, onExitCodes);
    if (found === undefined) return undefined;
    return `Container ${found.name} for pod ${name} failed with exit code ${found.state?.terminated?.exitCode ?? 0}`;
  }
  const condition = pod.status?.conditions?.find(({ type, status }) =>
    onPodConditions?.some((pattern) => pattern.type === type && (pattern.status ?? 'True') === status),
  );
  return condition === undefined ? undefined : `Pod ${name} has condition ${condition.type}`;
}

const exitMatching = (
  statuses: readonly ContainerStatus[] | undefined,
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
): ContainerStatus | undefined =>
  statuses?.find(({ name, state }) => {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (containerName !== undefined && containerName !== name)) return false;
    return operator === 'In' ? values.includes(code) : operator === 'NotIn' && !values.includes(code);
  });

/** Why the Job counts as successful before all its indexes are done; `undefined` where it does not. */
export function successMessage({ spec }: Job, succeeded: Intervals): string | undefined {
  if (succeeded.length === 0) return undefined;
  const met = spec.successPolicy?.rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && countOf(succeeded) >= succeededCount;
    const required = readIndexes(succeededIndexes, spec.completions ?? 0);
    const there = countShared(required, succeeded);
    if (required.length === 0) return false;
    return there === countOf(required) || (succeededCount !== undefined && there >= succeededCount);
  });
  return met === undefined || met < 0 ? undefined : `Matched rules at index ${met}`;
}
