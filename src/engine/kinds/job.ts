import type { Job } from '../machinery/api/batch-v1.js';
import { defineKind } from '../machinery/kind.js';
import { completionsText, durationText, jobStatusText } from './job-spec/job-columns.js';
import { ageColumn, containerColumns, nameColumn, selectorColumn } from './pod-spec/workload-columns.js';

export const job = defineKind<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/batch/v1.Job',
  subresources: [{ name: 'status', verbs: ['get', 'patch', 'update'] }],
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
});
