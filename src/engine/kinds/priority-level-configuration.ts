import type { PriorityLevelConfiguration } from '../machinery/api/flowcontrol-v1.js';
import { defineKind } from '../machinery/kind.js';
import { validatePriorityLevel } from './flow-control-spec/priority-level-validation.js';
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
  statusKeepsMetadata: true,
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

  defaults({ spec }) {
    const { limited, exempt } = spec ?? {};
    if (exempt !== undefined) {
      exempt.nominalConcurrencyShares ??= 0;
      exempt.lendablePercent ??= 0;
    }
    if (limited === undefined) return;
    limited.nominalConcurrencyShares ??= 30;
    limited.lendablePercent ??= 0;
    const queuing = limited.limitResponse?.queuing;
    if (queuing === undefined) return;
    queuing.handSize ||= 8;
    queuing.queues ||= 64;
    queuing.queueLengthLimit ||= 50;
  },
  prepareForCreate(draft) {
    draft.status = {};
  },

  validate: validatePriorityLevel,
  validateUpdate: (object, _old, report) => validatePriorityLevel(object, report),
});
