// Mirrors upstream's CronJob controller: starts Jobs when they are due, by their time zone and what is to become of those
// that still run, and keeps as many of the finished ones as are wanted. Local time is UTC.
import { parseTimestamp, type Duration, type Instant } from '../../kernel/clock.js';
import { cronJob } from '../../kinds/cron-job.js';
import { cronFault } from '../../kinds/job-spec/cron-schedule.js';
import { job } from '../../kinds/job.js';
import type { CronJob, CronJobStatus, Job } from '../../machinery/api/batch-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { goQuote } from '../../machinery/go-text.js';
import { apiVersionOf } from '../../machinery/object.js';
import type { NewObject } from '../../machinery/resource-api.port.js';
import { defineIndex } from '../../machinery/resource-reader.port.js';
import { defineController, type ReconcileContext } from '../controller.js';
import { parseSchedule, type Schedule } from '../cron-job/cron-schedule.js';
import { missedStarts, untilNextStart } from '../cron-job/start-times.js';
import { TimeZone } from '../cron-job/time-zone.js';
import { isFinished, isTrue } from '../job/job-conditions.js';
import { controllerOf, controllerReference, isControlledBy } from '../owner-references.js';
import { isAlreadyThere, isGone, isNamespaceTerminating } from '../status-errors.js';

const SCHEDULED_ANNOTATION = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
const NO_KEYS: readonly string[] = Object.freeze([]);

/** The schedule that was last followed, by key. */
type State = Map<string, { readonly text: string; readonly schedule: Schedule }>;
type Context = ReconcileContext<State>;

const jobsByOwner = defineIndex<Job>({
  name: 'jobsByOwner',
  keysOf(object) {
    const owner = controllerOf(object);
    return owner === undefined ? NO_KEYS : [owner.uid];
  },
});

export const cronJobController = defineController<CronJob, State>({
  name: 'cronjob-controller',
  primary: cronJob,
  owns: [{ kind: job }],
  newState: () => new Map(),

  reconcile(context, object) {
    if (object === undefined) {
      context.state.delete(context.key);
      return undefined;
    }
    return new CronPass(context, object).run();
  },
});

/** One pass; what becomes of the status is written once at its end. */
class CronPass {
  readonly #context: Context;
  readonly #object: CronJob;
  #active: NonNullable<CronJobStatus['active']>;
  #lastScheduleTime: string | undefined;
  #lastSuccessfulTime: string | undefined;

  constructor(context: Context, object: CronJob) {
    this.#context = context;
    this.#object = object;
    this.#active = object.status?.active ?? [];
    this.#lastScheduleTime = object.status?.lastScheduleTime;
    this.#lastSuccessfulTime = object.status?.lastSuccessfulTime;
  }

  run(): Duration | undefined {
    const { client } = this.#context;
    const jobs = client.indexed(job, jobsByOwner, this.#object.metadata.uid ?? '');
    this.#cleanUp(jobs);
    this.#look(jobs);
    const schedule = this.#schedule();
    const again = schedule === undefined ? undefined : this.#follow(schedule);
    this.#write();
    return again;
  }

  get #now(): Instant {
    return this.#context.simulation.now;
  }

  #tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#context.recorder.record(this.#object, type, reason, message);
  }

  /** The oldest of those that are finished go. */
  #cleanUp(jobs: readonly Job[]): void {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = this.#object.spec;
    for (const [type, limit] of [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const) {
      if (limit === undefined) continue;
      const finished = jobs.filter((each) => isTrue(each, type)).toSorted(byStart);
      for (const each of finished.slice(0, Math.max(finished.length - limit, 0))) this.#delete(each);
    }
  }

  #delete(object: Job): void {
    this.#context.client.delete(job, object, { propagationPolicy: 'Background' }, ({ error }) => {
      if (error !== undefined && !isGone(error)) {
        this.#tell('Warning', 'FailedDelete', `Deleted job: ${error.message}`);
        this.#context.fail(error);
        return;
      }
      this.#forget(object.metadata.uid);
      this.#tell('Normal', 'SuccessfulDelete', `Deleted job ${object.metadata.name}`);
    });
  }

  #forget(uid: string | undefined): void {
    this.#active = this.#active.filter((each) => each.uid !== uid);
  }

  /** Notes which Jobs run, which have ended, and which are gone. */
  #look(jobs: readonly Job[]): void {
    for (const each of jobs) {
      const { name, uid } = each.metadata;
      const isListed = this.#active.some((active) => active.uid === uid);
      if (!isFinished(each)) {
        if (isListed || this.#context.outstanding > 0) continue;
        this.#tell('Warning', 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${name}`);
        continue;
      }
      if (isListed) {
        this.#forget(uid);
        const condition = isTrue(each, 'Complete') ? 'Complete' : 'Failed';
        this.#tell('Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${condition}`);
      }
      if (isTrue(each, 'Complete')) this.#noteSuccess(each.status?.completionTime);
    }
    const there = new Set(jobs.map(({ metadata }) => metadata.uid));
    for (const each of this.#active) {
      if (there.has(each.uid)) continue;
      if (this.#context.client.get(job, `${each.namespace ?? ''}/${each.name ?? ''}`) !== undefined) continue;
      this.#tell('Normal', 'MissingJob', `Active job went missing: ${each.name ?? ''}`);
      this.#forget(each.uid);
    }
  }

  #noteSuccess(time: string | undefined): void {
    const at = parseTimestamp(time ?? '');
    const last = parseTimestamp(this.#lastSuccessfulTime ?? '');
    if (at !== undefined && (last === undefined || at > last)) this.#lastSuccessfulTime = time;
  }

  /** What is to be followed now; `undefined` where nothing is to be started. */
  #schedule(): Schedule | undefined {
    const { metadata, spec } = this.#object;
    if (metadata.deletionTimestamp !== undefined || spec.suspend === true) return undefined;
    const former = this.#context.state.get(this.#context.key);
    if (former?.text === textOf(this.#object)) return former.schedule;
    const fault = cronFault(spec.schedule);
    if (fault !== undefined) {
      this.#tell('Warning', 'UnparseableSchedule', `unparseable schedule: ${goQuote(spec.schedule)} : ${fault}`);
      return undefined;
    }
    try {
      return parseSchedule(spec.schedule, spec.timeZone ?? '');
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const zone = spec.timeZone ?? '';
      this.#tell('Warning', 'UnknownTimeZone', `invalid timeZone: ${goQuote(zone)}: unknown time zone ${zone}`);
      return undefined;
    }
  }

  #follow(schedule: Schedule): Duration | undefined {
    const { context, object, now } = { context: this.#context, object: this.#object, now: this.#now };
    const { spec } = object;
    const next = untilNextStart(object, now, schedule);
    const text = textOf(object);
    const former = context.state.get(context.key);
    if (former?.text !== text) context.state.set(context.key, { text, schedule });
    // What a new schedule would have had started before is not made up for.
    if (former !== undefined && former.text !== text) return next;
    const { newest: due, isTooMany } = missedStarts(object, now, schedule);
    if (due === undefined || context.outstanding > 0) return next;
    if (isTooMany) {
      const advice = 'Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      this.#tell('Warning', 'TooManyMissedTimes', `too many missed start times. ${advice}`);
    }
    if (spec.startingDeadlineSeconds !== undefined && due + spec.startingDeadlineSeconds * MS_PER_SECOND < now) {
      this.#tell('Warning', 'MissSchedule', `Missed scheduled time to start a job: ${mailTime(due)}`);
      return next;
    }
    if (parseTimestamp(this.#lastScheduleTime ?? '') === due) return next;
    if (this.#active.some(({ name }) => name === jobName(object, due))) return next;
    if (spec.concurrencyPolicy === 'Forbid' && this.#active.length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#tell('Normal', 'JobAlreadyActive', message);
      return next;
    }
    if (spec.concurrencyPolicy === 'Replace') this.#endRunning();
    this.#start(due);
    return next;
  }

  #endRunning(): void {
    for (const { namespace = '', name = '' } of this.#active) {
      const running = this.#context.client.get(job, `${namespace}/${name}`);
      if (running !== undefined) this.#delete(running);
    }
  }

  #start(due: Instant): void {
    const made = jobFor(this.#object, due);
    this.#context.create(job, this.#object.metadata.namespace, made, ({ object, error }) => {
      if (error === undefined) {
        this.#tell('Normal', 'SuccessfulCreate', `Created job ${object.metadata.name}`);
        this.#noteStart(object, due);
      } else if (isAlreadyThere(error)) {
        const there = this.#context.client.get(
          job,
          `${this.#object.metadata.namespace ?? ''}/${made.metadata.name ?? ''}`,
        );
        if (there !== undefined && isControlledBy(there, this.#object)) this.#noteStart(there, due);
      } else {
        const isMute = isNamespaceTerminating(error);
        if (!isMute) this.#tell('Warning', 'FailedCreate', `Error creating job: ${error.message}`);
        this.#context.fail(error);
      }
    });
  }

  #noteStart({ metadata }: Job, due: Instant): void {
    const { name, namespace = '', uid = '', resourceVersion = '' } = metadata;
    const apiVersion = apiVersionOf(job);
    this.#active = [...this.#active, { kind: job.kind, namespace, name, uid, apiVersion, resourceVersion }];
    this.#lastScheduleTime = new TimeZone('').text(due);
    // Where the Job was made later than its pass ended, nobody else writes this.
    this.#write();
  }

  #write(): void {
    const { client, key } = this.#context;
    const newest = client.get(cronJob, key);
    if (newest?.metadata.uid !== this.#object.metadata.uid || newest === undefined) return;
    const status: CronJobStatus = {
      ...(this.#active.length === 0 ? {} : { active: this.#active }),
      ...(this.#lastScheduleTime === undefined ? {} : { lastScheduleTime: this.#lastScheduleTime }),
      ...(this.#lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime: this.#lastSuccessfulTime }),
    };
    if (!deepEqual(status, newest.status ?? {})) client.updateStatus(cronJob, { ...newest, status });
  }
}

const textOf = ({ spec }: CronJob): string => `${spec.timeZone ?? ''} ${spec.schedule}`;

const jobName = ({ metadata }: CronJob, due: Instant): string => `${metadata.name}-${Math.floor(due / MS_PER_MINUTE)}`;

function jobFor(object: CronJob, due: Instant): NewObject<Job> {
  const { metadata, spec } = object.spec.jobTemplate;
  const scheduled = new TimeZone(object.spec.timeZone ?? '').text(due);
  return {
    metadata: {
      name: jobName(object, due),
      labels: { ...metadata?.labels },
      annotations: { ...metadata?.annotations, [SCHEDULED_ANNOTATION]: scheduled },
      ownerReferences: [controllerReference(cronJob, object)],
    },
    spec: spec ?? { template: {} },
  };
}

function byStart(a: Job, b: Job): number {
  const startOf = ({ status }: Job): number => parseTimestamp(status?.startTime ?? '') ?? Number.POSITIVE_INFINITY;
  const [left, right] = [startOf(a), startOf(b)];
  return left === right ? (a.metadata.name < b.metadata.name ? -1 : 1) : left - right;
}

/** As mail has it: `Mon, 02 Jan 2006 15:04:05 +0000`. */
const mailTime = (at: Instant): string => new Date(at).toUTCString().replace('GMT', '+0000');
