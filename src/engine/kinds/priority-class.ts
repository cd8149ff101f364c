import type { PriorityClass } from '../machinery/api/scheduling-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';

export const priorityClass = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  scope: 'Cluster',
  type: 'k8s.io/api/scheduling/v1.PriorityClass',
  columns: [
    nameColumn,
    { name: 'Value', type: 'integer', value: ({ value }) => value },
    { name: 'Global-Default', type: 'boolean', value: ({ globalDefault = false }) => globalDefault },
    ageColumn,
    { name: 'PreemptionPolicy', type: 'string', value: ({ preemptionPolicy = '' }) => preemptionPolicy },
  ],
});
