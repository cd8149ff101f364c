import type { CronJob } from '../../machinery/api/batch-v1.js';
import { byteLength } from '../../machinery/go-text.js';
import { invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { checkChoice, checkNonNegative, isEmpty } from '../pod-spec/checks.js';
import { cronFault } from './cron-schedule.js';
import { checkJobSpec } from './job-rules.js';
import { isTimeZone } from './time-zones.js';

/** The controller appends a dash and ten digits to name its Jobs. */
const NAME_BYTES_MAX = 52;
const CONCURRENCY_POLICIES = ['Allow', 'Forbid', 'Replace'];
const ZONE_PART = /^[A-Za-z.\-_0-9+]{1,14}$/;

export function checkCronJob(report: Report, object: CronJob, old?: CronJob): void {
  const { metadata, spec } = object;
  if (isEmpty(spec.schedule)) report(required('spec.schedule'));
  else checkSchedule(report, object, old);
  checkNonNegative(report, 'spec.startingDeadlineSeconds', spec.startingDeadlineSeconds);
  if (spec.timeZone !== undefined && spec.timeZone !== old?.spec.timeZone) checkTimeZone(report, spec.timeZone);
  checkChoice(report, 'spec.concurrencyPolicy', spec.concurrencyPolicy, CONCURRENCY_POLICIES);
  checkTemplate(report, object, old);
  checkNonNegative(report, 'spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit);
  checkNonNegative(report, 'spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit);
  if (old === undefined && byteLength(metadata.name) > NAME_BYTES_MAX) {
    report(invalid('metadata.name', metadata.name, `must be no more than ${NAME_BYTES_MAX} characters`));
  }
}

function checkSchedule(report: Report, { spec }: CronJob, old: CronJob | undefined): void {
  const { schedule, timeZone } = spec;
  const fault = cronFault(schedule);
  if (fault !== undefined) report(invalid('spec.schedule', schedule, fault));
  if (!schedule.includes('TZ')) return;
  if (old?.spec.schedule.includes('TZ') !== true) {
    const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    report(invalid('spec.schedule', schedule, detail));
  } else if (timeZone !== undefined) {
    const detail = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    report(invalid('spec.schedule', schedule, detail));
  }
}

function checkTimeZone(report: Report, zone: string): void {
  const refuse = (detail: string): void => report(invalid('spec.timeZone', zone, detail));
  if (zone === '') return refuse('timeZone must be nil or non-empty string');
  const isPath = zone
    .split('/')
    .every((part) => part !== '.' && part !== '..' && !part.startsWith('-') && ZONE_PART.test(part));
  if (!isPath) return refuse(`unknown time zone ${zone}`);
  if (zone.toLowerCase() === 'local') {
    refuse('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
    if (zone === 'Local') return;
  }
  if (!isTimeZone(zone)) refuse(`unknown time zone ${zone}`);
}

function checkTemplate(report: Report, { spec }: CronJob, old: CronJob | undefined): void {
  const path = 'spec.jobTemplate.spec';
  const template = spec.jobTemplate.spec ?? { template: {} };
  checkJobSpec(report, path, template, old?.spec.jobTemplate.spec);
  if (template.selector !== undefined) {
    report(invalid(`${path}.selector`, template.selector, '`selector` will be auto-generated'));
  }
  if (template.manualSelector === true) {
    report({ ...notSupported(`${path}.manualSelector`, '', ['nil', 'false']), badValue: true });
  }
}
