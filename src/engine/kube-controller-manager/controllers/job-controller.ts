// Mirrors upstream's Job controller: parallelism and completions, indexes, back-off, failure and success policies, deadlines,
// suspension, counting by finalizers. It leaves out expectations: reads show the newest state, and creates that have not
// settled are counted as outstanding. Jobs that another controller manages are left alone.
import { seconds, timestamp, type Duration } from '../../kernel/clock.js';
import { job } from '../../kinds/job.js';
import { pod } from '../../kinds/pod.js';
import type { Job, JobCondition } from '../../machinery/api/batch-v1.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import { NO_FAILURES, type BackoffRecord } from '../job/job-backoff.js';
import {
  isFinished,
  isManagedElsewhere,
  jobCondition,
  withJobCondition,
  type JobVerdict,
} from '../job/job-conditions.js';
import { endPods, manageParallelism, ownerOf, type PodCounts } from '../job/job-parallelism.js';
import { untrackingPatch } from '../job/job-pods.js';
import { track } from '../job/job-tracking.js';
import { COMPLETED, untilDeadline, verdictOn } from '../job/job-verdict.js';
import { jobView, type JobView } from '../job/job-view.js';
import { controllerOf } from '../owner-references.js';
import { claimPods, failingUnlessGone } from '../owned-pods.js';

/** Changes of pods are gathered so long. */
const BATCH_PERIOD = seconds(1);

/** Failures in a row, by key. */
type State = Map<string, BackoffRecord>;
type Context = ReconcileContext<State>;

export const jobController = defineController<Job, State>({
  name: 'job-controller',
  primary: job,
  watches: [watching<Pod, State>({ kind: pod, map: jobsOf })],
  batchPeriod: () => BATCH_PERIOD,
  newState: () => new Map(),

  reconcile(context, object) {
    const { key, state, simulation } = context;
    if (object === undefined || isFinished(object)) {
      state.delete(key);
      return undefined;
    }
    if (isManagedElsewhere(object)) return undefined;
    const selector = fromLabelSelector(object.spec.selector);
    const pods = claimPods(context, { owner: ownerOf(object), selector });
    const started = withStartTime(object, simulation.now);
    return pass(context, object, jobView(started, pods, state.get(key) ?? NO_FAILURES, simulation.now));
  },
});

const withStartTime = (object: Job, now: Parameters<typeof timestamp>[0]): Job =>
  object.spec.suspend === true || object.status?.startTime !== undefined
    ? object
    : { ...object, status: { ...object.status, startTime: timestamp(now) } };

function pass(context: Context, stored: Job, view: JobView): Duration | undefined {
  const { client, recorder, key, state } = context;
  const counts: PodCounts = {
    active: view.active.length + context.outstanding,
    ready: view.ready,
    terminating: view.terminating,
  };
  let verdict = verdictOn(view);
  let again = verdict === undefined ? untilDeadline(view) : undefined;
  let resumed: { readonly conditions: readonly JobCondition[]; readonly isResumed: boolean } | undefined;
  const hasSettled = context.outstanding === 0;
  if (verdict !== undefined) {
    const ended = endPods(context, view, view.active, true);
    if (ended.active !== view.active.length || !hasSettled) verdict = undefined;
    counts.active -= ended.active;
    counts.ready -= ended.ready;
    counts.terminating += ended.terminating;
  } else {
    const isManaged = hasSettled && view.job.metadata.deletionTimestamp === undefined;
    if (isManaged) again = sooner(again, manageParallelism(context, view, counts));
    if (isComplete(view, counts)) verdict = COMPLETED;
    else if (isManaged) resumed = suspension(context, view);
  }
  const conditions = resumed?.conditions ?? view.job.status?.conditions ?? [];
  const { status, counted, finish } = track(view, counts, conditions, verdict);
  const next = resumed?.isResumed === true ? { ...status, startTime: timestamp(view.now) } : status;
  const letGo = (): void => {
    state.set(key, view.record);
    for (const each of counted) client.patch(pod, keyOf(each), untrackingPatch(each), failingUnlessGone(context));
  };
  if (deepEqual(next, stored.status)) letGo();
  else {
    client.updateStatus(job, { ...stored, status: next }, ({ error }) => {
      if (error !== undefined) context.fail(error);
      else {
        letGo();
        if (finish !== undefined) tellOfEnd(recorder, stored, next.succeeded ?? 0, finish);
      }
    });
  }
  return again;
}

/** Without a number of completions, the first success decides, and the others may end as they like. */
function isComplete({ job: { spec }, succeeded }: JobView, { active }: PodCounts): boolean {
  if (active > 0) return false;
  return spec.completions === undefined ? succeeded > 0 : succeeded >= spec.completions;
}

function suspension({ recorder }: Context, { job: object, now }: JobView) {
  const former = object.status?.conditions ?? [];
  const isSuspended = object.spec.suspend === true;
  const message = isSuspended ? 'Job suspended' : 'Job resumed';
  const said = { type: 'Suspended', reason: isSuspended ? 'JobSuspended' : 'JobResumed', message } as const;
  const conditions = withJobCondition(former, jobCondition(said, isSuspended ? 'True' : 'False', now));
  if (conditions === undefined) return undefined;
  recorder.record(object, 'Normal', isSuspended ? 'Suspended' : 'Resumed', message);
  return { conditions, isResumed: !isSuspended };
}

function tellOfEnd(recorder: Context['recorder'], object: Job, succeeded: number, finish: JobVerdict): void {
  if (finish.type !== 'Complete') return recorder.record(object, 'Warning', finish.reason, finish.message);
  const { completions } = object.spec;
  if (completions !== undefined && succeeded > completions) {
    const message = 'Too many succeeded pods running after completion count reached';
    recorder.record(object, 'Warning', 'TooManySucceededPods', message);
  }
  recorder.record(object, 'Normal', 'Completed', 'Job completed');
}

const sooner = (a: Duration | undefined, b: Duration | undefined): Duration | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

function jobsOf(object: Pod, { client }: MapContext<State>): readonly string[] {
  const { namespace = '', labels, deletionTimestamp } = object.metadata;
  const owner = controllerOf(object);
  if (owner !== undefined) return owner.kind === job.kind ? [`${namespace}/${owner.name}`] : [];
  if (deletionTimestamp !== undefined) return [];
  return client
    .list(job, namespace)
    .filter(({ spec }) => matches(fromLabelSelector(spec.selector), labels))
    .map(keyOf);
}
