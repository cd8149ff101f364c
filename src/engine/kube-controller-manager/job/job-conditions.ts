import { timestamp, type Instant } from '../../kernel/clock.js';
import type { Job, JobCondition } from '../../machinery/api/batch-v1.js';

export type JobConditionType = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet' | 'Suspended';

export interface JobVerdict {
  readonly type: JobConditionType;
  readonly reason: string;
  readonly message: string;
}

export const conditionOf = ({ status }: Pick<Job, 'status'>, type: JobConditionType): JobCondition | undefined =>
  status?.conditions?.find((each) => each.type === type);

export const isTrue = (job: Pick<Job, 'status'>, type: JobConditionType): boolean =>
  conditionOf(job, type)?.status === 'True';

export const isFinished = (job: Job): boolean => isTrue(job, 'Complete') || isTrue(job, 'Failed');

export const isManagedElsewhere = ({ spec: { managedBy } }: Job): boolean =>
  managedBy !== undefined && managedBy !== 'kubernetes.io/job-controller';

export function jobCondition({ type, reason, message }: JobVerdict, status: string, now: Instant): JobCondition {
  const time = timestamp(now);
  return { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message };
}

/** Sets a condition; one that would only say False for the first time is left away. `undefined` when nothing changes. */
export function withJobCondition(
  conditions: readonly JobCondition[],
  wanted: JobCondition,
): readonly JobCondition[] | undefined {
  const old = conditions.find(({ type }) => type === wanted.type);
  if (old === undefined) return wanted.status === 'False' ? undefined : [...conditions, wanted];
  if (old.status === wanted.status && old.reason === wanted.reason && old.message === wanted.message) return undefined;
  return conditions.map((each) => (each === old ? wanted : each));
}
