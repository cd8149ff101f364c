import type { FlowSchema } from '../machinery/api/flowcontrol-v1.js';
import { defineKind } from '../machinery/kind.js';
import { validateFlowSchema } from './flow-control-spec/flow-schema-validation.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';

const PRECEDENCE_DEFAULT = 1_000;

export const flowSchema = defineKind<FlowSchema>({
  group: 'flowcontrol.apiserver.k8s.io',
  version: 'v1',
  kind: 'FlowSchema',
  plural: 'flowschemas',
  scope: 'Cluster',
  type: 'k8s.io/api/flowcontrol/v1.FlowSchema',
  subresources: [statusSubresource],
  statusKeepsMetadata: true,
  columns: [
    nameColumn,
    { name: 'PriorityLevel', type: 'string', value: ({ spec }) => spec?.priorityLevelConfiguration.name ?? '' },
    { name: 'MatchingPrecedence', type: 'string', value: ({ spec }) => spec?.matchingPrecedence ?? 0 },
    { name: 'DistinguisherMethod', type: 'string', value: ({ spec }) => spec?.distinguisherMethod?.type ?? '<none>' },
    ageColumn,
    {
      name: 'MissingPL',
      type: 'string',
      value: ({ status }) => status?.conditions?.find(({ type }) => type === 'Dangling')?.status ?? '?',
    },
  ],
  countsGenerations: true,

  defaults({ spec }) {
    if (spec !== undefined) spec.matchingPrecedence ||= PRECEDENCE_DEFAULT;
  },
  prepareForCreate(draft) {
    draft.status = {};
  },

  validate: validateFlowSchema,
  validateUpdate: (object, _old, report) => validateFlowSchema(object, report),
});
