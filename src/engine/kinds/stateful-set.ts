import type { StatefulSet } from '../machinery/api/apps-v1.js';
import { defineKind } from '../machinery/kind.js';
import { containerColumns } from './pod-spec/workload-columns.js';
import { scaleOf, scaleSubresource } from './pod-spec/workload-scale.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';
import { checkStatefulSet, checkStatefulSetUpdate } from './pod-spec/stateful-set-rules.js';
import { defaultTemplate } from './pod-spec/defaults.js';
import { defaultClaimSpec } from './pod-spec/volume-defaults.js';
import { maskTrailingDash, dns1123LabelFaults } from '../machinery/names.js';
import { prepareTemplate } from './pod-spec/pod-preparation.js';
import { podWarnings } from './pod-spec/pod-warnings.js';
import { fractionWarning, isFraction } from './pod-spec/fraction-warning.js';
import {
  checkAvailable,
  checkCollisionCount,
  checkCounts,
  checkNotAboveReplicas,
  isChanged,
} from './pod-spec/workload-rules.js';
import { dropNullSelector } from './pod-spec/workload-selector.js';
import { keepSpec } from './pod-spec/workload-status.js';
import { keepField } from './shared/immutable.js';

const STATUS_COUNTS = [
  'replicas',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'observedGeneration',
  'collisionCount',
] as const;

export const statefulSet = defineKind<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/apps/v1.StatefulSet',
  subresources: [scaleSubresource, statusSubresource],
  countsGenerations: true,
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    ageColumn,
    ...containerColumns<StatefulSet>(({ spec }) => spec.template.spec?.containers ?? []),
  ],
  scale: scaleOf<StatefulSet>(({ spec }) => spec.selector),

  defaults({ spec }) {
    dropNullSelector(spec);
    spec.podManagementPolicy ||= 'OrderedReady';
    const strategy = (spec.updateStrategy ??= {});
    if ((strategy.type ?? '') === '') {
      strategy.type = 'RollingUpdate';
      strategy.rollingUpdate ??= {};
    }
    if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate !== undefined) {
      strategy.rollingUpdate.partition ??= 0;
      strategy.rollingUpdate.maxUnavailable ??= 1;
    }
    const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {});
    retention.whenDeleted ||= 'Retain';
    retention.whenScaled ||= 'Retain';
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion ||= 'v1';
      claim.kind ||= 'PersistentVolumeClaim';
      defaultClaimSpec(claim.spec);
      const status = (claim.status ??= {});
      status.phase ||= 'Pending';
    }
    defaultTemplate(spec.template);
  },

  prepareForCreate(draft) {
    draft.status = { replicas: 0, availableReplicas: 0 };
    prepareTemplate(draft.spec.template);
  },

  prepareForUpdate(draft, old) {
    keepField(draft, 'status', old);
    prepareTemplate(draft.spec.template, old.spec.template);
  },

  validateName: (name, isPrefix) => dns1123LabelFaults(isPrefix ? maskTrailingDash(name) : name),
  prepareForStatusUpdate: keepSpec,
  validate: (object, report) => checkStatefulSet(report, object),
  validateUpdate: (object, old, report) => checkStatefulSetUpdate(report, object, old),

  validateStatusUpdate({ status }, old, report) {
    if (status !== undefined) {
      checkCounts(report, 'status', status, STATUS_COUNTS);
      checkNotAboveReplicas(report, status, [
        'readyReplicas',
        'currentReplicas',
        'updatedReplicas',
        'availableReplicas',
      ]);
      checkAvailable(report, status, 'status.readyReplicas');
    }
    checkCollisionCount(report, status?.collisionCount, old.status?.collisionCount);
  },

  warnings(object, old) {
    const { spec } = object;
    const { template, volumeClaimTemplates = [], revisionHistoryLimit = 0 } = spec;
    const warnings = isChanged(object, old)
      ? [...podWarnings(template.spec ?? { containers: [] }, template.metadata, 'spec.template.')]
      : [];
    for (const [index, { spec: claim }] of volumeClaimTemplates.entries()) {
      const path = `spec.volumeClaimTemplates[${index}]${old === undefined ? '' : '.Spec'}.resources`;
      for (const kind of ['requests', 'limits'] as const) {
        const amount = claim.resources?.[kind]?.['storage'];
        if (isFraction(amount)) warnings.push(fractionWarning(`${path}.${kind}[storage]`, amount));
      }
    }
    if (revisionHistoryLimit < 0) {
      const detail = 'a negative value retains all historical revisions; a value >= 0 is recommended';
      warnings.push(`spec.revisionHistoryLimit: ${detail}`);
    }
    return warnings;
  },
});
