import { instant, parseTimestamp, type Instant } from '../../kernel/clock.js';
import type { Job } from '../../machinery/api/batch-v1.js';
import type { ContainerStatus, Pod } from '../../machinery/api/core-v1.js';
import { conditionOf } from '../pods.js';

export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
export const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';
export const INDEX_IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count';

const MS_PER_SECOND = 1_000;

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed';

/** Whether a pod is replaced only when it has ended, and not already when it is on its way out. */
export const replacesFailedOnly = ({ spec }: Job): boolean =>
  spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;

export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;

/** A merge patch that takes the finalizer away. */
export function untrackingPatch({ metadata }: Pod): unknown {
  const kept = (metadata.finalizers ?? []).filter((each) => each !== TRACKING_FINALIZER);
  return { metadata: { uid: metadata.uid, finalizers: kept.length === 0 ? null : kept } };
}

export function isFailed({ metadata, status }: Pod, job: Job): boolean {
  if (status?.phase === 'Failed') return true;
  return !replacesFailedOnly(job) && metadata.deletionTimestamp !== undefined && status?.phase !== 'Succeeded';
}

export const isSucceeded = ({ status }: Pod): boolean => status?.phase === 'Succeeded';

/** Of an Indexed Job's pod; `undefined` where it says none. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX];
  return text !== undefined && /^\+?\d+$/.test(text) ? Number(text) : undefined;
}

export const indexWithin = (pod: Pod, job: Job): number | undefined => {
  const index = indexOf(pod);
  return index !== undefined && index < (job.spec.completions ?? 0) ? index : undefined;
};

export const failuresOf = ({ metadata }: Pod, annotation: string): number => {
  const text = metadata.annotations?.[annotation];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
};

export const allFailuresOf = (pod: Pod): number =>
  failuresOf(pod, INDEX_FAILURES) + failuresOf(pod, INDEX_IGNORED_FAILURES);

/** When the pod ended: by its containers, else by its readiness, its deletion, its creation. */
export function finishedTime(pod: Pod): Instant {
  const { metadata } = pod;
  const byContainers = lastFinish(pod);
  if (byContainers !== undefined) return byContainers;
  const ready = conditionOf(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime) {
    const time = parseTimestamp(ready.lastTransitionTime);
    if (time !== undefined) return time;
  }
  if (metadata.deletionTimestamp !== undefined) {
    const end = parseTimestamp(metadata.deletionTimestamp ?? '') ?? instant(0);
    return instant(end - (metadata.deletionGracePeriodSeconds ?? 0) * MS_PER_SECOND);
  }
  return parseTimestamp(metadata.creationTimestamp ?? '') ?? instant(0);
}

/** The last end of any container; `undefined` where one has not ended. */
function lastFinish({ spec, status }: Pod): Instant | undefined {
  const sidecars = new Set(
    (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  );
  const relevant: readonly ContainerStatus[] = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
  ];
  let last: Instant | undefined;
  for (const { state } of relevant) {
    const time = parseTimestamp(state?.terminated?.finishedAt ?? '');
    if (time === undefined) return undefined;
    if (last === undefined || time > last) last = time;
  }
  return last;
}
