/** The objects that every server needs: upstream lets nobody change what they say. */
import type {
  FlowSchema,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
} from '../../machinery/api/flowcontrol-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { invalid } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { internalForm } from '../pod-spec/internal-form.js';

const everythingOf = (...groups: readonly string[]): readonly PolicyRulesWithSubjects[] => [
  {
    subjects: groups.map((name) => ({ kind: 'Group', group: { name } })),
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  },
];

export const mandatorySchemas: Readonly<Record<string, FlowSchema['spec']>> = {
  exempt: {
    priorityLevelConfiguration: { name: 'exempt' },
    matchingPrecedence: 1,
    rules: everythingOf('system:masters'),
  },
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' },
    matchingPrecedence: 10_000,
    distinguisherMethod: { type: 'ByUser' },
    rules: everythingOf('system:unauthenticated', 'system:authenticated'),
  },
};
export const mandatoryLevels: Readonly<Record<string, PriorityLevelConfiguration['spec']>> = {
  exempt: { type: 'Exempt' },
  'catch-all': {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, limitResponse: { type: 'Reject' }, lendablePercent: 0 },
  },
};

export function checkMandatorySchema({ metadata: { name }, spec }: FlowSchema, report: Report): void {
  if (!Object.hasOwn(mandatorySchemas, name) || deepEqual(spec, mandatorySchemas[name])) return;
  report(invalid('spec', internalForm('FlowSchemaSpec', spec), `spec of '${name}' must equal the fixed value`));
}

/** How much the exempt level lends is open to change. */
export function checkMandatoryLevel(
  { metadata: { name }, spec = { type: '' } }: PriorityLevelConfiguration,
  report: Report,
): void {
  if (!Object.hasOwn(mandatoryLevels, name)) return;
  const isExempt = name === 'exempt';
  const { exempt: _exempt, ...fixed } = spec;
  if (deepEqual(isExempt ? fixed : spec, mandatoryLevels[name])) return;
  const which = isExempt ? "spec of 'exempt' except the 'spec.exempt' field" : `spec of '${name}'`;
  report(invalid('spec', internalForm('PriorityLevelConfigurationSpec', spec), `${which} must equal the fixed value`));
}
