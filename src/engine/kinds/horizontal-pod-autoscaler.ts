import type { HorizontalPodAutoscaler } from '../machinery/api/autoscaling-v2.js';
import { defineKind } from '../machinery/kind.js';
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
});
