import type { HorizontalPodAutoscaler } from '../machinery/api/autoscaling-v2.js';
import { defineKind } from '../machinery/kind.js';
import { defaultAutoscaler } from './autoscaling-spec/defaults.js';
import { validateAutoscaler } from './autoscaling-spec/validation.js';
import { checkNonNegative } from './pod-spec/checks.js';
import { horizontalPodAutoscalerColumns } from './shared/horizontal-pod-autoscaler-columns.js';
import { statusSubresource } from './shared/subresources.js';

export const horizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/autoscaling/v2.HorizontalPodAutoscaler',
  subresources: [statusSubresource],
  columns: horizontalPodAutoscalerColumns,

  defaults: defaultAutoscaler,
  prepareForCreate(draft) {
    draft.status = { desiredReplicas: 0, currentMetrics: null };
  },

  validate: (object, report) => validateAutoscaler(object, undefined, report),
  validateUpdate: (object, old, report) => validateAutoscaler(object, old, report),
  validateStatusUpdate({ status }, _old, report) {
    checkNonNegative(report, 'status.currentReplicas', status?.currentReplicas);
    checkNonNegative(report, 'status.desiredReplicas', status?.desiredReplicas);
  },
});
