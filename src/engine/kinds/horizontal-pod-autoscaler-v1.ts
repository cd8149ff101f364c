import type { HorizontalPodAutoscaler } from '../machinery/api/autoscaling-v1.js';
import type { Column } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { validateAutoscaler } from './autoscaling-spec/validation.js';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.js';
import { checkNonNegative } from './pod-spec/checks.js';
import { horizontalPodAutoscalerColumns } from './shared/horizontal-pod-autoscaler-columns.js';
import { toV1, toV2 } from './shared/horizontal-pod-autoscaler-forms.js';
import { statusSubresource } from './shared/subresources.js';

/** The autoscaling/v1 form of the autoscalers that are stored as v2: what v1 has no field for is in annotations. */
export const horizontalPodAutoscalerV1 = defineKind<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/autoscaling/v1.HorizontalPodAutoscaler',
  subresources: [statusSubresource],
  columns: horizontalPodAutoscalerColumns.map((column): Column<HorizontalPodAutoscaler> => ({
    ...column,
    value: (object, context) => column.value(toV2(object), context),
  })),
  storagePrefix: horizontalPodAutoscaler.storagePrefix,
  storedAs: { kind: horizontalPodAutoscaler, toStored: toV2, fromStored: toV1 },

  defaults(draft) {
    draft.spec.minReplicas ??= 1;
  },
  prepareForCreate(draft) {
    draft.status = { currentReplicas: 0, desiredReplicas: 0 };
  },

  validate: (object, report) => validateAutoscaler(toV2(object), undefined, report),
  validateUpdate: (object, old, report) => validateAutoscaler(toV2(object), toV2(old), report),
  validateStatusUpdate({ status }, _old, report) {
    checkNonNegative(report, 'status.currentReplicas', status?.currentReplicas);
    checkNonNegative(report, 'status.desiredReplicas', status?.desiredReplicas);
  },
});
