import { timestamp } from '../../kernel/clock.js';
import type { JobCondition, JobStatus } from '../../machinery/api/batch-v1.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { countOf, hasIndex, readIndexes, textOf } from './completed-indexes.js';
import { jobCondition, withJobCondition, type JobVerdict } from './job-conditions.js';
import type { PodCounts } from './job-parallelism.js';
import { judgeFailure } from './job-policies.js';
import { indexWithin, isFailed, isIndexed, isSucceeded, isTracked } from './job-pods.js';
import { hasLimitPerIndex, uidOf, type JobView } from './job-view.js';

/** Uids that a status holds at most, so that it stays small. */
const UNCOUNTED_MAX = 500;

export interface Tracked {
  readonly status: JobStatus;
  /** Ended pods that lose their finalizer once the status, which counts them, is stored. */
  readonly counted: readonly Pod[];
  /** What the status says for the first time of how the Job ended. */
  readonly finish: JobVerdict | undefined;
}

/**
 * Counts pods exactly once, as upstream does: an ended pod's uid is stored as uncounted, then the pod loses its finalizer,
 * then the uid becomes a number. Only when nothing is left to count does the Job finish.
 */
export function track(
  view: JobView,
  counts: PodCounts,
  conditions: readonly JobCondition[],
  verdict: JobVerdict | undefined,
): Tracked {
  const { job, pods, now } = view;
  const { status: former = {} } = job;
  const tracked = new Set(pods.filter(isTracked).map(uidOf));
  const uncounted = {
    succeeded: (former.uncountedTerminatedPods?.succeeded ?? []).filter((uid) => tracked.has(uid)),
    failed: (former.uncountedTerminatedPods?.failed ?? []).filter((uid) => tracked.has(uid)),
  };
  const settled = {
    succeeded: (former.uncountedTerminatedPods?.succeeded?.length ?? 0) - uncounted.succeeded.length,
    failed: (former.uncountedTerminatedPods?.failed?.length ?? 0) - uncounted.failed.length,
  };
  const { counted, isCutOff } = noteEnded(view, uncounted, verdict);
  const isAllCounted = uncounted.succeeded.length + uncounted.failed.length === 0 && counted.length === 0 && !isCutOff;
  const outcome = conclude(conditions, view, isAllCounted && counts.terminating <= 0 ? 'final' : 'interim', verdict);
  const status: JobStatus = {
    ...(outcome.conditions.length === 0 ? {} : { conditions: outcome.conditions }),
    ...(former.startTime === undefined ? {} : { startTime: former.startTime }),
    ...(outcome.finish?.type === 'Complete' ? { completionTime: timestamp(now) } : {}),
    ...positive('active', counts.active),
    ...positive(
      'succeeded',
      isIndexed(job) ? countOf(view.succeededIndexes) : (former.succeeded ?? 0) + settled.succeeded,
    ),
    ...positive('failed', (former.failed ?? 0) + settled.failed),
    terminating: counts.terminating,
    ...(isIndexed(job) && view.succeededIndexes.length > 0 ? { completedIndexes: textOf(view.succeededIndexes) } : {}),
    ...(view.failedIndexes === undefined ? {} : { failedIndexes: textOf(view.failedIndexes) }),
    uncountedTerminatedPods: {
      ...(uncounted.succeeded.length === 0 ? {} : { succeeded: uncounted.succeeded }),
      ...(uncounted.failed.length === 0 ? {} : { failed: uncounted.failed }),
    },
    ready: counts.ready,
  };
  return { status, counted, finish: outcome.finish };
}

const positive = <Name extends string>(name: Name, count: number): { readonly [Key in Name]?: number } =>
  (count > 0 ? { [name]: count } : {}) as { readonly [Key in Name]?: number };

function noteEnded(
  view: JobView,
  uncounted: { readonly succeeded: string[]; readonly failed: string[] },
  verdict: JobVerdict | undefined,
): { readonly counted: readonly Pod[]; readonly isCutOff: boolean } {
  const { job } = view;
  const formerIndexes = readIndexes(job.status?.completedIndexes ?? '', job.spec.completions ?? 0);
  const counted: Pod[] = [];
  let newIndexes = 0;
  for (const each of view.pods) {
    if (!isTracked(each) || !mayLetGo(view, each, verdict)) continue;
    counted.push(each);
    const uid = uidOf(each);
    const index = indexWithin(each, job);
    if (isSucceeded(each) && !uncounted.failed.includes(uid)) {
      if (!isIndexed(job)) addOnce(uncounted.succeeded, uid);
      else if (index !== undefined && !hasIndex(formerIndexes, index)) newIndexes++;
    } else if (isFailed(each, job) || (verdict !== undefined && verdict.type !== 'SuccessCriteriaMet')) {
      const isForeign = isIndexed(job) && index === undefined;
      if (!isForeign && judgeFailure(job.spec.podFailurePolicy, each).isCounted) addOnce(uncounted.failed, uid);
    }
    if (newIndexes + uncounted.succeeded.length + uncounted.failed.length >= UNCOUNTED_MAX) {
      return { counted, isCutOff: true };
    }
  }
  return { counted, isCutOff: false };
}

function mayLetGo(view: JobView, each: Pod, verdict: JobVerdict | undefined): boolean {
  const { job, replacedByIndex } = view;
  if (job.metadata.deletionTimestamp !== undefined || verdict !== undefined || isSucceeded(each)) return true;
  if (!isFailed(each, job)) return false;
  const index = indexWithin(each, job);
  return !hasLimitPerIndex(job) || index === undefined || replacedByIndex.get(index) !== each;
}

function addOnce(uids: string[], uid: string): void {
  if (!uids.includes(uid)) uids.push(uid);
}

/** Says first what the end will be, and that it is reached when nothing is left to wait for. */
function conclude(
  conditions: readonly JobCondition[],
  { now, job }: JobView,
  stage: 'interim' | 'final',
  verdict: JobVerdict | undefined,
): { readonly conditions: readonly JobCondition[]; readonly finish: JobVerdict | undefined } {
  if (verdict === undefined) return { conditions, finish: undefined };
  const isSuccess = verdict.type === 'SuccessCriteriaMet';
  const target: JobVerdict = { ...verdict, type: isSuccess ? 'SuccessCriteriaMet' : 'FailureTarget' };
  const isKnown = conditions.some(({ type, status }) => type === target.type && status === 'True');
  const said = isKnown ? conditions : (withJobCondition(conditions, jobCondition(target, 'True', now)) ?? conditions);
  const wasSaid =
    job.status?.conditions?.some(({ type, status }) => type === target.type && status === 'True') ?? false;
  if (stage === 'interim' || !wasSaid) return { conditions: said, finish: undefined };
  const finish: JobVerdict = { ...verdict, type: isSuccess ? 'Complete' : 'Failed' };
  return { conditions: withJobCondition(said, jobCondition(finish, 'True', now)) ?? said, finish };
}
