import type { Job, JobStatus } from '../../machinery/api/batch-v1.js';
import { parseTimestamp } from '../../kernel/clock.js';
import { deepEqual } from '../../machinery/equality.js';
import { OMITTED, duplicate, invalid, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { checkNonNegative } from '../pod-spec/checks.js';
import { internalForm } from '../pod-spec/internal-form.js';
import { firstSharedIndex, parseIntervals } from './index-intervals.js';

const TERMINAL = ['Failed', 'Complete', 'FailureTarget'];
const NO_STATUS: JobStatus = Object.freeze({});

const hasCondition = ({ conditions }: JobStatus, type: string, status = 'True'): boolean =>
  conditions?.some((each) => each.type === type && each.status === status) ?? false;

const isFinished = (status: JobStatus): boolean => hasCondition(status, 'Complete') || hasCondition(status, 'Failed');

/** What changed between two statuses: a rule is applied only where it can have been broken just now. */
interface Change {
  readonly object: Job;
  readonly now: JobStatus;
  readonly before: JobStatus;
  readonly report: Report;
  has(field: keyof JobStatus): boolean;
  turned(type: string): boolean;
}

export function checkJobStatusUpdate(report: Report, object: Job, old: Job): void {
  const [now, before] = [object.status ?? NO_STATUS, old.status ?? NO_STATUS];
  const change: Change = {
    object,
    now,
    before,
    report,
    has: (field) => !deepEqual(now[field], before[field]),
    turned: (type) => hasCondition(now, type) !== hasCondition(before, type),
  };
  checkCounters(change);
  checkConditions(change);
  checkTimes(change);
  checkFinished(change);
  checkIndexes(change);
  checkTransitions(change);
}

function checkCounters({ report, now }: Change): void {
  for (const field of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const) {
    checkNonNegative(report, `status.${field}`, now[field]);
  }
  const seen = new Set<string>();
  for (const field of ['succeeded', 'failed'] as const) {
    for (const [index, uid] of (now.uncountedTerminatedPods?.[field] ?? []).entries()) {
      const at = `status.uncountedTerminatedPods.${field}[${index}]`;
      if (uid === '') report(invalid(at, uid, 'must not be empty'));
      else if (seen.has(uid)) report(duplicate(at, uid));
      seen.add(uid);
    }
  }
}

const refuseConditions = (report: Report, detail: string): void =>
  report(invalid('status.conditions', OMITTED, detail));

function checkConditions({ report, now, turned }: Change): void {
  if (!hasCondition(now, 'Complete')) return;
  if ((turned('Complete') || turned('Failed')) && hasCondition(now, 'Failed')) {
    refuseConditions(report, 'cannot set Complete=True and Failed=true conditions');
  }
  if ((turned('Complete') || turned('FailureTarget')) && hasCondition(now, 'FailureTarget')) {
    refuseConditions(report, 'cannot set Complete=True and FailureTarget=true conditions');
  }
}

function checkTimes({ report, now, has, turned }: Change): void {
  const { startTime, completionTime } = now;
  const isComplete = hasCondition(now, 'Complete');
  if (turned('Complete') || has('completionTime')) {
    const at = 'status.completionTime';
    if (completionTime !== undefined && !isComplete) {
      const detail = 'cannot set completionTime when there is no Complete=True condition';
      report(invalid(at, completionTime, detail));
    }
    if (completionTime === undefined && isComplete) {
      report(required(at, 'completionTime is required for Complete jobs'));
    }
  }
  if (startTime === undefined || completionTime === undefined || !(has('startTime') || has('completionTime'))) return;
  if ((parseTimestamp(completionTime) ?? 0) < (parseTimestamp(startTime) ?? 0)) {
    report(invalid('status.completionTime', completionTime, 'must be equal to or after `startTime`'));
  }
}

function checkFinished({ report, object, now, before, has, turned }: Change): void {
  if (
    (turned('Failed') || has('failedIndexes')) &&
    hasCondition(now, 'Failed') &&
    !hasCondition(now, 'FailureTarget')
  ) {
    refuseConditions(report, 'cannot set Failed=True condition without the FailureTarget=true condition');
  }
  if ((turned('Complete') || turned('SuccessCriteriaMet')) && hasCondition(now, 'Complete')) {
    if (!hasCondition(now, 'SuccessCriteriaMet')) {
      refuseConditions(report, 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
    }
  }
  if (!isFinished(now)) return;
  const finishes = !isFinished(before);
  if ((finishes || has('active')) && (now.active ?? 0) > 0) {
    report(invalid('status.active', now.active, 'active>0 is invalid for finished job'));
  }
  const neverRuns = object.spec.suspend === true && object.spec.completions === 0;
  if ((finishes || has('startTime')) && !neverRuns && now.startTime === undefined) {
    report(required('status.startTime', 'startTime is required for finished job'));
  }
  const { failed = [], succeeded = [] } = now.uncountedTerminatedPods ?? {};
  if ((finishes || has('uncountedTerminatedPods')) && failed.length + succeeded.length > 0) {
    const value = internalForm('UncountedTerminatedPods', now.uncountedTerminatedPods);
    report(invalid('status.uncountedTerminatedPods', value, 'must be empty for finished job'));
  }
}

function checkIndexes(change: Change): void {
  const { report, object, now, has } = change;
  const { completions, completionMode, backoffLimitPerIndex } = object.spec;
  const { completedIndexes = '', failedIndexes } = now;
  const [completedAt, failedAt] = ['status.completedIndexes', 'status.failedIndexes'];
  if (has('completedIndexes') && completions !== undefined) {
    const { fault } = parseIntervals(completedIndexes, completions);
    if (fault !== undefined) {
      report(invalid(completedAt, completedIndexes, `error parsing completedIndexes: ${fault}`));
    }
  }
  if (has('failedIndexes') && completions !== undefined && backoffLimitPerIndex !== undefined) {
    const { fault } = parseIntervals(failedIndexes ?? '', completions);
    if (fault !== undefined) report(invalid(failedAt, failedIndexes, `error parsing failedIndexes: ${fault}`));
  }
  if (has('completedIndexes') && completedIndexes !== '' && completionMode !== 'Indexed') {
    const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    report(invalid(completedAt, completedIndexes, detail));
  }
  if (has('failedIndexes') && backoffLimitPerIndex === undefined && failedIndexes !== undefined) {
    const detail = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    report(invalid(failedAt, failedIndexes, detail));
  }
  if ((has('failedIndexes') || has('completedIndexes')) && completions !== undefined && failedIndexes !== undefined) {
    const shared = firstSharedIndex(completedIndexes, failedIndexes, completions);
    if (shared !== undefined) {
      report(invalid(failedAt, failedIndexes, `failedIndexes and completedIndexes overlap at index: ${shared}`));
    }
  }
  checkActive(change);
}

function checkActive({ report, object, now, before, has }: Change): void {
  const { terminating, ready, active = 0 } = now;
  if ((isFinished(now) !== isFinished(before) || has('terminating')) && isFinished(now) && (terminating ?? 0) > 0) {
    report(invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
  }
  if ((has('ready') || has('active')) && (ready ?? 0) > active) {
    report(invalid('status.ready', ready, 'cannot set more ready pods than active'));
  }
  const isMet = hasCondition(now, 'SuccessCriteriaMet');
  if (isMet && hasCondition(now, 'Failed')) {
    refuseConditions(report, 'cannot set SuccessCriteriaMet=True and Failed=true conditions');
  }
  if (isMet && hasCondition(now, 'FailureTarget')) {
    refuseConditions(report, 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  }
  if (object.spec.successPolicy !== undefined && !isMet && hasCondition(now, 'Complete')) {
    const detail = 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True';
    refuseConditions(report, detail);
  }
}

function checkTransitions({ report, object, now, before, has }: Change): void {
  for (const type of TERMINAL) {
    if (hasCondition(before, type) && !hasCondition(now, type)) {
      refuseConditions(report, `cannot disable the terminal ${type}=True condition`);
    }
  }
  if ((now.failed ?? 0) < (before.failed ?? 0)) {
    report(invalid('status.failed', now.failed ?? 0, 'cannot decrease the failed counter'));
  }
  const { completionMode, completions, parallelism, suspend } = object.spec;
  const mayShrink = completionMode === 'Indexed' && completions === parallelism;
  if (!mayShrink && (now.succeeded ?? 0) < (before.succeeded ?? 0)) {
    report(invalid('status.succeeded', now.succeeded ?? 0, 'cannot decrease the succeeded counter'));
  }
  if (now.completionTime !== undefined && before.completionTime !== undefined && has('completionTime')) {
    report(invalid('status.completionTime', now.completionTime, 'field is immutable'));
  }
  const resumes = hasCondition(before, 'Suspended') && hasCondition(now, 'Suspended', 'False');
  if (has('startTime') && !resumes && before.startTime !== undefined && suspend !== true) {
    report(required('status.startTime', 'startTime cannot be removed for unsuspended job'));
  }
  const [isMet, wasMet] = [hasCondition(now, 'SuccessCriteriaMet'), hasCondition(before, 'SuccessCriteriaMet')];
  if (wasMet && !isMet) refuseConditions(report, 'cannot disable the SuccessCriteriaMet=True condition');
  if (hasCondition(before, 'Complete') && !wasMet && isMet) {
    const detail = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions';
    refuseConditions(report, detail);
  }
}
