import type { PriorityLevelConfiguration } from '../machinery/api/flowcontrol-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';

export const priorityLevelConfiguration = defineKind<PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  scope: 'Cluster',
  type: 'k8s.io/api/flowcontrol/v1.PriorityLevelConfiguration',
  subresources: [statusSubresource],
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', value: ({ spec }) => spec?.type ?? '' },
    {
      name: 'NominalConcurrencyShares',
      type: 'string',
      value: ({ spec }) => (spec?.limited === undefined ? '<none>' : (spec.limited.nominalConcurrencyShares ?? 0)),
    },
    { name: 'Queues', type: 'string', value: ({ spec }) => spec?.limited?.limitResponse?.queuing?.queues ?? '<none>' },
    {
      name: 'HandSize',
      type: 'string',
      value: ({ spec }) => spec?.limited?.limitResponse?.queuing?.handSize ?? '<none>',
    },
    {
      name: 'QueueLengthLimit',
      type: 'string',
      value: ({ spec }) => spec?.limited?.limitResponse?.queuing?.queueLengthLimit ?? '<none>',
    },
    ageColumn,
  ],
  countsGenerations: true,
});
