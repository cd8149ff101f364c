import type { ReplicationController } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { containerColumns } from './pod-spec/workload-columns.js';
import { scaleOf, scaleSubresource } from './pod-spec/workload-scale.js';
import { ageColumn, formatLabels, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';
import { required } from '../machinery/field-error.js';
import { fromLabelSelector } from '../machinery/label-selector.js';
import { defaultTemplate } from './pod-spec/defaults.js';
import { prepareTemplate } from './pod-spec/pod-preparation.js';
import { podWarnings } from './pod-spec/pod-warnings.js';
import { checkNonNegative } from './pod-spec/checks.js';
import { checkEndlessTemplate, checkPodTemplate, checkTemplateMatches } from './pod-spec/pod-template-rules.js';
import {
  checkAvailable,
  checkCounts,
  checkNotAboveReplicas,
  hostnameWarnings,
  isChanged,
} from './pod-spec/workload-rules.js';
import type { Report } from '../machinery/kind.js';
import { keepSpec } from './pod-spec/workload-status.js';
import { keepField } from './shared/immutable.js';

const STATUS_COUNTS = [
  'replicas',
  'fullyLabeledReplicas',
  'readyReplicas',
  'availableReplicas',
  'observedGeneration',
] as const;

export const replicationController = defineKind<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.ReplicationController',
  subresources: [scaleSubresource, statusSubresource],
  countsGenerations: true,
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', value: ({ spec }) => spec.replicas ?? 0 },
    { name: 'Current', type: 'integer', value: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', value: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn,
    ...containerColumns<ReplicationController>(({ spec }) => spec.template?.spec?.containers ?? []),
    { name: 'Selector', type: 'string', priority: 1, value: ({ spec }) => formatLabels(spec.selector) },
  ],
  scale: scaleOf<ReplicationController>(({ spec: { selector } }) =>
    selector === undefined ? undefined : { matchLabels: selector },
  ),
  defaultPropagation: 'Orphan',

  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),

  /** What is not said is taken from the template's labels. */
  defaults({ metadata, spec }) {
    const labels = spec.template?.metadata?.labels;
    if (labels !== undefined) {
      if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
      if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
    }
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
  validate: (object, report) => checkController(report, object),
  validateUpdate: (object, old, report) => checkController(report, object, old),

  validateStatusUpdate({ status }, _old, report) {
    if (status === undefined) return;
    checkCounts(report, 'status', status, STATUS_COUNTS);
    checkNotAboveReplicas(report, status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']);
    checkAvailable(report, status, 'readyReplicas');
  },

  warnings(object, old) {
    const { metadata, spec } = object;
    if (!isChanged(object, old) || spec.template === undefined) return [];
    return [
      ...(old === undefined ? hostnameWarnings(metadata.name, 'Pod names and hostnames') : []),
      ...podWarnings(spec.template.spec ?? { containers: [] }, spec.template.metadata, 'spec.template.'),
    ];
  },
});

function checkController(report: Report, { spec }: ReplicationController, old?: ReplicationController): void {
  const { minReadySeconds, replicas, selector = {}, template } = spec;
  checkNonNegative(report, 'spec.minReadySeconds', minReadySeconds);
  if (Object.keys(selector).length === 0) report(required('spec.selector'));
  checkNonNegative(report, 'spec.replicas', replicas);
  if (template === undefined) return report(required('spec.template'));
  checkTemplateMatches(report, 'spec.template', template, fromLabelSelector({ matchLabels: selector }));
  checkPodTemplate(report, 'spec.template', template, old?.spec.template);
  checkEndlessTemplate(report, 'spec.template', template, 'ReplicationController');
}
