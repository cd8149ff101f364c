import type { ReplicaSet } from '../machinery/api/apps-v1.js';
import { defineKind } from '../machinery/kind.js';
import { containerColumns, selectorColumn } from './pod-spec/workload-columns.js';
import { scaleOf, scaleSubresource } from './pod-spec/workload-scale.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';
import { defaultTemplate } from './pod-spec/defaults.js';
import { prepareTemplate } from './pod-spec/pod-preparation.js';
import { podWarnings } from './pod-spec/pod-warnings.js';
import { checkNonNegative } from './pod-spec/checks.js';
import {
  checkAvailable,
  checkCounts,
  checkImmutableSelector,
  checkNotAboveReplicas,
  checkReplicated,
  hostnameWarnings,
  isChanged,
} from './pod-spec/workload-rules.js';
import type { Report } from '../machinery/kind.js';
import { dropNullSelector } from './pod-spec/workload-selector.js';
import { keepSpec } from './pod-spec/workload-status.js';
import { keepField } from './shared/immutable.js';

const STATUS_COUNTS = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
  'terminatingReplicas',
] as const;

export const replicaSet = defineKind<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/apps/v1.ReplicaSet',
  subresources: [scaleSubresource, statusSubresource],
  countsGenerations: true,
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', value: ({ spec }) => spec.replicas ?? 0 },
    { name: 'Current', type: 'integer', value: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', value: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn,
    ...containerColumns<ReplicaSet>(({ spec }) => spec.template?.spec?.containers ?? []),
    selectorColumn<ReplicaSet>(({ spec }) => spec.selector),
  ],
  scale: scaleOf<ReplicaSet>(({ spec }) => spec.selector),

  defaults({ spec }) {
    dropNullSelector(spec);
    spec.replicas ??= 1;
    defaultTemplate(spec.template);
  },

  prepareForCreate(draft) {
    draft.status = { replicas: 0 };
    prepareTemplate(draft.spec.template);
  },

  prepareForUpdate(draft, old) {
    keepField(draft, 'status', old);
    prepareTemplate(draft.spec.template, old.spec.template);
  },

  prepareForStatusUpdate: keepSpec,
  validate: (object, report) => checkReplicaSet(report, object),

  validateUpdate(object, old, report) {
    checkReplicaSet(report, object, old);
    checkImmutableSelector(report, object.spec.selector, old.spec.selector);
  },

  validateStatusUpdate({ status }, _old, report) {
    if (status === undefined) return;
    checkCounts(report, 'status', status, STATUS_COUNTS);
    checkNotAboveReplicas(report, status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']);
    checkAvailable(report, status, 'readyReplicas');
  },

  warnings(object, old) {
    if (!isChanged(object, old)) return [];
    const { metadata, spec } = object;
    return [
      ...(old === undefined ? hostnameWarnings(metadata.name, 'Pod names and hostnames') : []),
      ...podWarnings(spec.template?.spec ?? { containers: [] }, spec.template?.metadata, 'spec.template.'),
    ];
  },
});

function checkReplicaSet(report: Report, { spec }: ReplicaSet, old?: ReplicaSet): void {
  checkNonNegative(report, 'spec.replicas', spec.replicas);
  checkNonNegative(report, 'spec.minReadySeconds', spec.minReadySeconds);
  checkReplicated(report, { selector: spec.selector, template: spec.template, oldTemplate: old?.spec.template });
}
