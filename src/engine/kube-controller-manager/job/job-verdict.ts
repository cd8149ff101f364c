import { milliseconds, parseTimestamp, type Duration } from '../../kernel/clock.js';
import type { Job } from '../../machinery/api/batch-v1.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { countOf } from './completed-indexes.js';
import { conditionOf, isTrue, type JobConditionType, type JobVerdict } from './job-conditions.js';
import { judgeFailure, successMessage } from './job-policies.js';
import { isFailed, isIndexed } from './job-pods.js';
import type { JobView } from './job-view.js';

const MS_PER_SECOND = 1_000;

const FAILURES = {
  BackoffLimitExceeded: 'Job has reached the specified backoff limit',
  DeadlineExceeded: 'Job was active longer than specified deadline',
  MaxFailedIndexesExceeded: 'Job has exceeded the specified maximal number of failed indexes',
  FailedIndexes: 'Job has failed indexes',
} as const;

export const COMPLETED: JobVerdict = Object.freeze({
  type: 'SuccessCriteriaMet',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
});

/** How the Job ends, if it does, completions aside: what was said before holds, then failures, then the success policy. */
export function verdictOn(view: JobView): JobVerdict | undefined {
  const { job } = view;
  const formerly =
    persisted(job, 'SuccessCriteriaMet', 'SuccessCriteriaMet') ?? persisted(job, 'FailureTarget', 'Failed');
  if (formerly !== undefined) return formerly;
  const byPolicy = policyMessage(job, view.pods);
  if (byPolicy !== undefined) return { type: 'FailureTarget', reason: 'PodFailurePolicy', message: byPolicy };
  const reason = failureReason(view);
  if (reason !== undefined) return { type: 'FailureTarget', reason, message: FAILURES[reason] };
  const met = isIndexed(job) ? successMessage(job, view.succeededIndexes) : undefined;
  return met === undefined ? undefined : { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: met };
}

/** When the deadline strikes; `undefined` where there is none, or it has passed. */
export function untilDeadline({ job, now }: JobView): Duration | undefined {
  const left = deadlineOf(job, now);
  return left === undefined || left <= 0 ? undefined : milliseconds(left);
}

function persisted(job: Job, said: JobConditionType, type: JobConditionType): JobVerdict | undefined {
  if (!isTrue(job, said)) return undefined;
  const { reason = '', message = '' } = conditionOf(job, said) ?? {};
  return { type, reason, message };
}

function policyMessage(job: Job, pods: readonly Pod[]): string | undefined {
  if (job.spec.podFailurePolicy === undefined) return undefined;
  for (const each of pods) {
    if (!isFailed(each, job)) continue;
    const { message } = judgeFailure(job.spec.podFailurePolicy, each);
    if (message !== undefined) return message;
  }
  return undefined;
}

function failureReason(view: JobView): keyof typeof FAILURES | undefined {
  const { job, failed, failedIndexes, succeededIndexes, now } = view;
  const { backoffLimit = 6, maxFailedIndexes, completions = 0 } = job.spec;
  if (failed > backoffLimit || restartsTooOften(view, backoffLimit)) return 'BackoffLimitExceeded';
  const left = deadlineOf(job, now);
  if (left !== undefined && left <= 0) return 'DeadlineExceeded';
  const lost = failedIndexes === undefined ? 0 : countOf(failedIndexes);
  if (maxFailedIndexes !== undefined && lost > maxFailedIndexes) return 'MaxFailedIndexesExceeded';
  return lost > 0 && lost + countOf(succeededIndexes) >= completions ? 'FailedIndexes' : undefined;
}

/** Restarts in place count against the limit, too, as long as the pods run. */
function restartsTooOften({ job, pods }: JobView, limit: number): boolean {
  if (job.spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const each of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
      restarts += each.restartCount;
    }
  }
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function deadlineOf({ spec, status }: Job, now: number): number | undefined {
  const started = parseTimestamp(status?.startTime ?? '');
  if (spec.activeDeadlineSeconds === undefined || started === undefined || spec.suspend === true) return undefined;
  return started + spec.activeDeadlineSeconds * MS_PER_SECOND - now;
}
