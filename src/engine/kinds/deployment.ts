import type { Deployment, DeploymentStrategy } from '../machinery/api/apps-v1.js';
import { defineKind } from '../machinery/kind.js';
import { containerColumns, selectorColumn } from './pod-spec/workload-columns.js';
import { scaleOf, scaleSubresource } from './pod-spec/workload-scale.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';
import { deepEqual } from '../machinery/equality.js';
import { forbidden, invalid, notSupported } from '../machinery/field-error.js';
import { internalForm } from './pod-spec/internal-form.js';
import { defaultTemplate } from './pod-spec/defaults.js';
import { prepareTemplate } from './pod-spec/pod-preparation.js';
import { podWarnings } from './pod-spec/pod-warnings.js';
import { checkNonNegative } from './pod-spec/checks.js';
import {
  amountOf,
  checkAtMost100Percent,
  checkAvailable,
  checkCollisionCount,
  checkCounts,
  checkImmutableSelector,
  checkIntOrPercent,
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
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'collisionCount',
] as const;

export const deployment = defineKind<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/apps/v1.Deployment',
  subresources: [scaleSubresource, statusSubresource],
  countsGenerations: true,
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    { name: 'Up-to-date', type: 'string', value: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: 'Available', type: 'string', value: ({ status }) => status?.availableReplicas ?? 0 },
    ageColumn,
    ...containerColumns<Deployment>(({ spec }) => spec.template?.spec?.containers ?? []),
    selectorColumn<Deployment>(({ spec }) => spec.selector),
  ],
  scale: scaleOf<Deployment>(({ spec }) => spec.selector),

  defaults({ spec }) {
    dropNullSelector(spec);
    spec.replicas ??= 1;
    const strategy = (spec.strategy ??= {});
    strategy.type ||= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate') {
      strategy.rollingUpdate ??= {};
      strategy.rollingUpdate.maxUnavailable ??= '25%';
      strategy.rollingUpdate.maxSurge ??= '25%';
    }
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    defaultTemplate(spec.template);
  },

  prepareForCreate(draft) {
    draft.status = {};
    prepareTemplate(draft.spec.template);
  },

  prepareForUpdate(draft, old) {
    keepField(draft, 'status', old);
    prepareTemplate(draft.spec.template, old.spec.template);
  },

  /** Annotations are copied to the replica sets, so they count. */
  raisesGeneration: (object, old) =>
    !deepEqual(object.spec, old.spec) || !deepEqual(object.metadata.annotations ?? {}, old.metadata.annotations ?? {}),

  prepareForStatusUpdate(draft, old) {
    keepSpec(draft, old);
    keepField(draft.metadata, 'labels', old.metadata);
  },

  validate: (object, report) => checkDeployment(report, object),

  validateUpdate(object, old, report) {
    checkDeployment(report, object, old);
    checkImmutableSelector(report, object.spec.selector, old.spec.selector);
  },

  validateStatusUpdate({ status = {} }, old, report) {
    checkCounts(report, 'status', status, STATUS_COUNTS);
    checkNotAboveReplicas(report, status, ['updatedReplicas', 'readyReplicas', 'availableReplicas']);
    checkAvailable(report, status, 'readyReplicas');
    checkCollisionCount(report, status.collisionCount, old.status?.collisionCount);
  },

  warnings(object, old) {
    if (!isChanged(object, old)) return [];
    const { metadata, spec } = object;
    return [
      ...(old === undefined ? hostnameWarnings(metadata.name, 'Pod names and hostnames') : []),
      ...podWarnings(spec.template.spec ?? { containers: [] }, spec.template.metadata, 'spec.template.'),
    ];
  },
});

function checkDeployment(report: Report, { spec }: Deployment, old?: Deployment): void {
  checkNonNegative(report, 'spec.replicas', spec.replicas);
  checkReplicated(report, { selector: spec.selector, template: spec.template, oldTemplate: old?.spec.template });
  checkStrategy(report, spec.strategy ?? {});
  const { minReadySeconds = 0, revisionHistoryLimit, progressDeadlineSeconds: deadline } = spec;
  checkNonNegative(report, 'spec.minReadySeconds', minReadySeconds);
  checkNonNegative(report, 'spec.revisionHistoryLimit', revisionHistoryLimit);
  checkNonNegative(report, 'spec.progressDeadlineSeconds', deadline);
  if (deadline !== undefined && deadline <= minReadySeconds) {
    report(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
  }
}

function checkStrategy(report: Report, strategy: DeploymentStrategy): void {
  const { type, rollingUpdate } = strategy;
  const path = 'spec.strategy.rollingUpdate';
  if (type === 'Recreate') {
    if (rollingUpdate === undefined) return;
    return report(forbidden(path, "may not be specified when strategy `type` is 'Recreate'"));
  }
  if (type !== 'RollingUpdate') {
    const error = notSupported('spec.strategy', '', ['Recreate', 'RollingUpdate']);
    return report({ ...error, badValue: internalForm('DeploymentStrategy', strategy) });
  }
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
  checkIntOrPercent(report, `${path}.maxUnavailable`, maxUnavailable);
  checkIntOrPercent(report, `${path}.maxSurge`, maxSurge);
  if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0) {
    report(invalid(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  checkAtMost100Percent(report, `${path}.maxUnavailable`, maxUnavailable);
}
