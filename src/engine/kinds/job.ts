import type { Job } from '../machinery/api/batch-v1.js';
import { defineKind } from '../machinery/kind.js';
import { completionsText, durationText, jobStatusText } from './job-spec/job-columns.js';
import { containerColumns, selectorColumn } from './pod-spec/workload-columns.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';
import { defaultJob, generateSelector } from './job-spec/job-defaults.js';
import { checkJob } from './job-spec/job-rules.js';
import { checkJobStatusUpdate } from './job-spec/job-status-rules.js';
import { checkJobUpdate } from './job-spec/job-update-rules.js';
import { jobSpecWarnings } from './job-spec/job-warnings.js';
import { prepareTemplate } from './pod-spec/pod-preparation.js';
import { hostnameWarnings, isChanged } from './pod-spec/workload-rules.js';
import { keepSpec } from './pod-spec/workload-status.js';
import { keepField } from './shared/immutable.js';

export const job = defineKind<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/batch/v1.Job',
  subresources: [statusSubresource],
  countsGenerations: true,
  columns: [
    nameColumn,
    { name: 'Status', type: 'string', value: jobStatusText },
    { name: 'Completions', type: 'string', value: completionsText },
    { name: 'Duration', type: 'string', value: durationText },
    ageColumn,
    ...containerColumns<Job>(({ spec }) => spec.template?.spec?.containers ?? []),
    selectorColumn<Job>(({ spec }) => spec.selector),
  ],
  defaultPropagation: 'Orphan',

  selectableFields: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),

  defaults: defaultJob,

  prepareForCreate(draft) {
    generateSelector(draft);
    draft.status = {};
    prepareTemplate(draft.spec.template);
  },

  prepareForUpdate(draft, old) {
    keepField(draft, 'status', old);
    prepareTemplate(draft.spec.template, old.spec.template);
  },

  prepareForStatusUpdate: keepSpec,
  validate: (object, report) => checkJob(report, object),
  validateUpdate: (object, old, report) => checkJobUpdate(report, object, old),
  validateStatusUpdate: (object, old, report) => checkJobStatusUpdate(report, object, old),

  warnings(object, old) {
    if (!isChanged(object, old)) return [];
    const names = old === undefined ? hostnameWarnings(object.metadata.name, 'Pod names and hostnames') : [];
    return [...names, ...jobSpecWarnings('spec', object.spec)];
  },
});
