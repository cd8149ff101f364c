import type { CronJob } from '../machinery/api/batch-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageCell, ageColumn, containerColumns, nameColumn, selectorColumn } from './pod-spec/workload-columns.js';

export const cronJob = defineKind<CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/batch/v1.CronJob',
  subresources: [{ name: 'status', verbs: ['get', 'patch', 'update'] }],
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
        status?.lastScheduleTime === undefined ? '<none>' : ageCell(status.lastScheduleTime, context),
    },
    ageColumn,
    ...containerColumns<CronJob>(({ spec }) => spec.jobTemplate.spec?.template.spec?.containers ?? []),
    selectorColumn<CronJob>(({ spec }) => spec.jobTemplate.spec?.selector),
  ],
});
