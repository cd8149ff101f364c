import type { CronJob } from '../machinery/api/batch-v1.js';
import { defineKind } from '../machinery/kind.js';
import { containerColumns, selectorColumn } from './pod-spec/workload-columns.js';
import { ageColumn, nameColumn, timeSince } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';
import { checkCronJob } from './job-spec/cron-job-rules.js';
import { defaultJobTemplate } from './job-spec/job-defaults.js';
import { jobSpecWarnings } from './job-spec/job-warnings.js';
import { prepareTemplate } from './pod-spec/pod-preparation.js';
import { hostnameWarnings, isChanged } from './pod-spec/workload-rules.js';
import { keepSpec } from './pod-spec/workload-status.js';
import { keepField } from './shared/immutable.js';

export const cronJob = defineKind<CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/batch/v1.CronJob',
  subresources: [statusSubresource],
  countsGenerations: true,
  columns: [
    nameColumn,
    { name: 'Schedule', type: 'string', value: ({ spec }) => spec.schedule },
    { name: 'Timezone', type: 'string', value: ({ spec }) => spec.timeZone ?? '<none>' },
    {
      name: 'Suspend',
      type: 'boolean',
      value: ({ spec }) => (spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False'),
    },
    { name: 'Active', type: 'integer', value: ({ status }) => status?.active?.length ?? 0 },
    {
      name: 'Last Schedule',
      type: 'string',
      value: ({ status }, context) =>
        status?.lastScheduleTime === undefined ? '<none>' : timeSince(status.lastScheduleTime, context.now),
    },
    ageColumn,
    ...containerColumns<CronJob>(({ spec }) => spec.jobTemplate.spec?.template.spec?.containers ?? []),
    selectorColumn<CronJob>(({ spec }) => spec.jobTemplate.spec?.selector),
  ],

  defaults({ spec }) {
    spec.concurrencyPolicy ||= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    if (spec.jobTemplate.spec !== undefined) defaultJobTemplate(spec.jobTemplate.spec);
  },

  prepareForCreate(draft) {
    draft.status = {};
    prepareTemplate(draft.spec.jobTemplate.spec?.template);
  },

  prepareForUpdate(draft, old) {
    keepField(draft, 'status', old);
    prepareTemplate(draft.spec.jobTemplate.spec?.template, old.spec.jobTemplate.spec?.template);
  },

  prepareForStatusUpdate: keepSpec,
  validate: (object, report) => checkCronJob(report, object),
  validateUpdate: (object, old, report) => checkCronJob(report, object, old),

  warnings(object, old) {
    const { metadata, spec } = object;
    const warnings = old === undefined ? [...hostnameWarnings(metadata.name, 'Pod names and hostnames')] : [];
    if (isChanged(object, old) && spec.jobTemplate.spec !== undefined) {
      warnings.push(...jobSpecWarnings('spec.jobTemplate.spec', spec.jobTemplate.spec));
    }
    if (old !== undefined && spec.schedule.includes('TZ')) {
      const docs = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';
      warnings.push(
        `cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see ${docs} for more details`,
      );
    }
    return warnings;
  },
});
