import type { Instant } from '../../kernel/clock.js';
import type { Job } from '../../machinery/api/batch-v1.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { isActive, isReady, isTerminating } from '../pods.js';
import { countOf, hasIndex, NO_INDEXES, readIndexes, withIndexes, type Intervals } from './completed-indexes.js';
import { nextRecord, type BackoffRecord } from './job-backoff.js';
import { judgeFailure } from './job-policies.js';
import {
  allFailuresOf,
  failuresOf,
  finishedTime,
  INDEX_FAILURES,
  indexOf,
  indexWithin,
  isFailed,
  isIndexed,
  isSucceeded,
  isTracked,
} from './job-pods.js';

/** What one pass over a Job starts from: its pods, sorted out, and what they come to. */
export interface JobView {
  readonly job: Job;
  readonly now: Instant;
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly ready: number;
  readonly terminating: number;
  /** Pods that ended, counted or about to be. */
  readonly succeeded: number;
  readonly failed: number;
  readonly succeededIndexes: Intervals;
  /** Only where each index has a limit of its own. */
  readonly failedIndexes: Intervals | undefined;
  /** The failed pod of an index that stays until its successor exists, as it holds the index's count of failures. */
  readonly replacedByIndex: ReadonlyMap<number, Pod>;
  readonly record: BackoffRecord;
}

export const hasLimitPerIndex = ({ spec }: Job): boolean => spec.backoffLimitPerIndex !== undefined;

export function jobView(job: Job, pods: readonly Pod[], former: BackoffRecord, now: Instant): JobView {
  const active = pods.filter(isActive);
  const { succeeded: uncountedSucceeded = [], failed: uncountedFailed = [] } =
    job.status?.uncountedTerminatedPods ?? {};
  const fresh = pods.filter((each) => isTracked(each) && (!isIndexed(job) || indexWithin(each, job) !== undefined));
  const newSucceeded = fresh.filter((each) => isSucceeded(each) && !uncountedSucceeded.includes(uidOf(each)));
  const newFailed = fresh.filter((each) => isFailed(each, job) && !uncountedFailed.includes(uidOf(each)));
  const counted = newFailed.filter((each) => judgeFailure(job.spec.podFailurePolicy, each).isCounted);
  const succeededIndexes = isIndexed(job) ? succeededIndexesOf(job, pods) : NO_INDEXES;
  const failedIndexes = isIndexed(job) && hasLimitPerIndex(job) ? failedIndexesOf(job, pods) : undefined;
  const base = {
    job,
    now,
    pods: isIndexed(job) ? pods.toSorted((a, b) => (indexOf(a) ?? -1) - (indexOf(b) ?? -1)) : pods,
    active,
    ready: active.filter(isReady).length,
    terminating: pods.filter(isTerminating).length,
    succeeded: isIndexed(job)
      ? countOf(succeededIndexes)
      : (job.status?.succeeded ?? 0) + newSucceeded.length + uncountedSucceeded.length,
    failed: (job.status?.failed ?? 0) + counted.length + uncountedFailed.length,
    succeededIndexes,
    failedIndexes,
    record: nextRecord(former, newSucceeded, newFailed),
  };
  return { ...base, replacedByIndex: failedIndexes === undefined ? new Map() : replacedPods(base, failedIndexes) };
}

export const uidOf = ({ metadata }: Pod): string => metadata.uid ?? '';

function succeededIndexesOf(job: Job, pods: readonly Pod[]): Intervals {
  const former = readIndexes(job.status?.completedIndexes ?? '', job.spec.completions ?? 0);
  return withIndexes(former, indexesOf(job, pods, isSucceeded));
}

function failedIndexesOf(job: Job, pods: readonly Pod[]): Intervals {
  const former = readIndexes(job.status?.failedIndexes ?? '', job.spec.completions ?? 0);
  return withIndexes(
    former,
    indexesOf(job, pods, (each) => hasFailedIndex(job, each)),
  );
}

function hasFailedIndex(job: Job, each: Pod): boolean {
  if (!isFailed(each, job)) return false;
  const { action, isCounted } = judgeFailure(job.spec.podFailurePolicy, each);
  if (action === 'FailIndex') return true;
  return isCounted && failuresOf(each, INDEX_FAILURES) >= (job.spec.backoffLimitPerIndex ?? 0);
}

const indexesOf = (job: Job, pods: readonly Pod[], isWanted: (each: Pod) => boolean): number[] =>
  pods.filter((each) => isTracked(each) && isWanted(each)).flatMap((each) => indexWithin(each, job) ?? []);

function replacedPods(
  { job, pods, active, succeededIndexes }: Pick<JobView, 'job' | 'pods' | 'active' | 'succeededIndexes'>,
  failedIndexes: Intervals,
): ReadonlyMap<number, Pod> {
  const running = new Set(active.map(indexOf));
  const replaced = new Map<number, Pod>();
  for (const each of pods) {
    const index = indexWithin(each, job);
    if (index === undefined || !isTracked(each) || !isFailed(each, job) || running.has(index)) continue;
    if (hasIndex(succeededIndexes, index) || hasIndex(failedIndexes, index)) continue;
    const other = replaced.get(index);
    const isLater =
      other === undefined || (allFailuresOf(other) <= allFailuresOf(each) && finishedTime(each) >= finishedTime(other));
    if (isLater) replaced.set(index, each);
  }
  return replaced;
}
