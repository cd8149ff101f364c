import { job as jobKind } from '../../kinds/job.js';
import { pod } from '../../kinds/pod.js';
import { milliseconds, seconds, type Duration } from '../../kernel/clock.js';
import type { Job } from '../../machinery/api/batch-v1.js';
import type { Container, Pod, PodTemplateSpec } from '../../machinery/api/core-v1.js';
import { keyOf } from '../../machinery/object.js';
import type { NewObject } from '../../machinery/resource-api.port.js';
import type { ReconcileContext } from '../controller.js';
import { createPods, deletePod, failingUnlessGone, podFromTemplate, type PodOwner } from '../owned-pods.js';
import { isReady, isTerminating } from '../pods.js';
import { inDeletionOrder } from '../replica-set/deletion-rank.js';
import { firstMissing, union, withIndexes } from './completed-indexes.js';
import { remainingIndexWait, remainingWait } from './job-backoff.js';
import { judgeFailure } from './job-policies.js';
import {
  COMPLETION_INDEX,
  failuresOf,
  INDEX_FAILURES,
  INDEX_IGNORED_FAILURES,
  indexOf,
  indexWithin,
  isIndexed,
  isTracked,
  replacesFailedOnly,
  TRACKING_FINALIZER,
  untrackingPatch,
} from './job-pods.js';
import { hasLimitPerIndex, type JobView } from './job-view.js';

/** Pods created or deleted in one pass. */
const BURST_MAX = 500;
const BATCH_PERIOD = seconds(1);
const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';
const GENERATED_PREFIX_MAX = 58;

/** Pods by what they do, as a pass leaves them. */
export interface PodCounts {
  active: number;
  ready: number;
  terminating: number;
}

export const ownerOf = (job: Job): PodOwner => ({ kind: jobKind, object: job });

/** Deletes pods; those that are no longer to be counted lose their finalizer first. Returns how many still run. */
export function endPods<State>(
  context: ReconcileContext<State>,
  { job }: JobView,
  targets: readonly Pod[],
  isCounted: boolean,
): PodCounts {
  const ended: PodCounts = { active: targets.length, ready: 0, terminating: targets.length };
  for (const each of targets) {
    if (!isCounted && isTracked(each)) {
      context.client.patch(pod, keyOf(each), untrackingPatch(each), failingUnlessGone(context));
    }
    deletePod(context, ownerOf(job), each, () => {
      ended.active--;
      ended.terminating--;
    });
    if (isReady(each)) ended.ready++;
  }
  return ended;
}

/** Creates what is missing, deletes what is too much. Returns when to look again, where pods have to wait. */
export function manageParallelism<State>(
  context: ReconcileContext<State>,
  view: JobView,
  counts: PodCounts,
): Duration | undefined {
  const { job, active, terminating } = view;
  const surplus = job.spec.suspend === true ? active.length : Math.max(active.length - wantedActive(view), 0);
  const removed = podsToRemove(view, surplus).slice(0, BURST_MAX);
  if (removed.length > 0 || job.spec.suspend === true) {
    const ended = endPods(context, view, removed, false);
    counts.active -= ended.active;
    counts.ready -= ended.ready;
    counts.terminating += ended.terminating;
    return undefined;
  }
  const waiting = replacesFailedOnly(job) ? terminating : 0;
  const missing = Math.min(wantedActive(view) - waiting - active.length, BURST_MAX);
  return missing > 0 ? addPods(context, view, counts, missing) : undefined;
}

function wantedActive({ job, active, succeeded }: JobView): number {
  const { parallelism = 1, completions } = job.spec;
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

/** Pods of an index that others have, too, and of none that is wanted, go first; then as a ReplicaSet's. */
function podsToRemove({ job, active, now }: JobView, surplus: number): readonly Pod[] {
  const removed: Pod[] = [];
  let left = active;
  if (isIndexed(job)) {
    const byIndex = new Map<number, Pod[]>();
    for (const each of active) {
      const index = indexWithin(each, job);
      if (index === undefined) removed.push(each);
      else byIndex.set(index, [...(byIndex.get(index) ?? []), each]);
    }
    const kept = [...byIndex.values()].map((same) => {
      const order = same.length === 1 ? same : inDeletionOrder(same, [], now);
      removed.push(...order.slice(0, -1));
      return order.at(-1)!;
    });
    left = kept;
  }
  const more = surplus - removed.length;
  return more > 0 ? [...removed, ...inDeletionOrder(left, [], now).slice(0, more)] : removed;
}

function addPods<State>(
  context: ReconcileContext<State>,
  view: JobView,
  counts: PodCounts,
  missing: number,
): Duration | undefined {
  const { job, record, replacedByIndex, now } = view;
  const wait = hasLimitPerIndex(job) ? milliseconds(0) : remainingWait(record, now);
  if (wait > 0) return delayed(wait);
  if (!isIndexed(job)) {
    const template = trackedTemplate(job.spec.template);
    const each = podFromTemplate(ownerOf(job), template);
    create(context, view, counts, new Array<NewObject<Pod>>(missing).fill(each));
    return undefined;
  }
  const pending = pendingIndexes(view, missing);
  const waits = pending.map((index) => remainingIndexWait(replacedByIndex.get(index), now));
  const due = pending.filter((_, place) => waits[place] === 0);
  if (due.length === 0 && pending.length > 0) return delayed(milliseconds(Math.min(...waits)));
  const template = trackedTemplate(withIndexVariable(job.spec.template));
  create(
    context,
    view,
    counts,
    due.map((index) => indexedPod(view, template, index)),
  );
  const later = waits.filter((each) => each > 0);
  return later.length === 0 ? undefined : delayed(milliseconds(Math.min(...later)));
}

const delayed = (wait: Duration): Duration => milliseconds(Math.max(wait, BATCH_PERIOD));

function create<State>(
  context: ReconcileContext<State>,
  { job }: JobView,
  counts: PodCounts,
  pods: readonly NewObject<Pod>[],
): void {
  counts.active += pods.length;
  createPods(context, ownerOf(job), pods, (count) => {
    counts.active -= count;
  });
}

function pendingIndexes({ job, pods, active, succeededIndexes, failedIndexes }: JobView, count: number) {
  const indexed = (some: readonly Pod[]): number[] => some.flatMap((each) => indexOf(each) ?? []);
  let taken = withIndexes(succeededIndexes, indexed(active));
  if (replacesFailedOnly(job)) taken = withIndexes(taken, indexed(pods.filter(isTerminating)));
  if (failedIndexes !== undefined) taken = union(taken, failedIndexes);
  return firstMissing(taken, count, job.spec.completions ?? 0);
}

function trackedTemplate(template: PodTemplateSpec): PodTemplateSpec {
  const { finalizers = [] } = template.metadata ?? {};
  if (finalizers.includes(TRACKING_FINALIZER)) return template;
  return { ...template, metadata: { ...template.metadata, finalizers: [...finalizers, TRACKING_FINALIZER] } };
}

function withIndexVariable(template: PodTemplateSpec): PodTemplateSpec {
  const { spec } = template;
  if (spec === undefined) return template;
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`;
  const add = (container: Container): Container =>
    container.env?.some(({ name }) => name === INDEX_VARIABLE) === true
      ? container
      : {
          ...container,
          env: [...(container.env ?? []), { name: INDEX_VARIABLE, valueFrom: { fieldRef: { fieldPath } } }],
        };
  return {
    ...template,
    spec: {
      ...spec,
      containers: spec.containers.map(add),
      ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(add) }),
    },
  };
}

function indexedPod({ job, replacedByIndex }: JobView, template: PodTemplateSpec, index: number): NewObject<Pod> {
  const base = podFromTemplate(ownerOf(job), template);
  const place = `-${index}-`;
  const failures = hasLimitPerIndex(job) ? failureAnnotations(job, replacedByIndex.get(index)) : {};
  return {
    ...base,
    metadata: {
      ...base.metadata,
      generateName: `${job.metadata.name.slice(0, GENERATED_PREFIX_MAX - place.length)}${place}`,
      labels: { ...base.metadata.labels, [COMPLETION_INDEX]: `${index}` },
      annotations: { ...base.metadata.annotations, [COMPLETION_INDEX]: `${index}`, ...failures },
    },
    spec: { ...base.spec, hostname: `${job.metadata.name}-${index}` },
  };
}

/** The failures of an index live on in its pods. */
function failureAnnotations(job: Job, replaced: Pod | undefined): Readonly<Record<string, string>> {
  if (replaced === undefined) return { [INDEX_FAILURES]: '0' };
  const { isCounted } = judgeFailure(job.spec.podFailurePolicy, replaced);
  const counted = failuresOf(replaced, INDEX_FAILURES) + (isCounted ? 1 : 0);
  const ignored = failuresOf(replaced, INDEX_IGNORED_FAILURES) + (isCounted ? 0 : 1);
  return { [INDEX_FAILURES]: `${counted}`, ...(ignored === 0 ? {} : { [INDEX_IGNORED_FAILURES]: `${ignored}` }) };
}
