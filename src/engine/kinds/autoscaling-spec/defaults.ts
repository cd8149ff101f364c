import type {
  HPAScalingRules,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
} from '../../machinery/api/autoscaling-v2.js';
import type { Draft } from '../../machinery/object.js';

const CPU_UTILIZATION_DEFAULT = 80;
const PERIOD_SECONDS_DEFAULT = 15;

export function defaultAutoscaler({ spec }: Draft<HorizontalPodAutoscaler>): void {
  spec.minReplicas ??= 1;
  if ((spec.metrics ?? []).length === 0) {
    const target = { type: 'Utilization', averageUtilization: CPU_UTILIZATION_DEFAULT };
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  }
  if (spec.behavior !== undefined) spec.behavior = withDefaultRules(spec.behavior);
}

/** Where any rule is given, all are. */
export const withDefaultRules = (
  behavior: HorizontalPodAutoscalerBehavior,
): Draft<HorizontalPodAutoscalerBehavior> => ({
  scaleUp: withDefaults(behavior.scaleUp, {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: PERIOD_SECONDS_DEFAULT },
      { type: 'Percent', value: 100, periodSeconds: PERIOD_SECONDS_DEFAULT },
    ],
  }),
  scaleDown: withDefaults(behavior.scaleDown, {
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: PERIOD_SECONDS_DEFAULT }],
  }),
});

/** What is given in full, the rest from the defaults; in the order of the type's fields. */
function withDefaults(given: HPAScalingRules | undefined, fallback: Draft<HPAScalingRules>): Draft<HPAScalingRules> {
  const window = given?.stabilizationWindowSeconds ?? fallback.stabilizationWindowSeconds;
  const selectPolicy = given?.selectPolicy ?? fallback.selectPolicy;
  const policies = given?.policies?.map((policy) => ({ ...policy })) ?? fallback.policies;
  return {
    ...(window === undefined ? {} : { stabilizationWindowSeconds: window }),
    ...(selectPolicy === undefined ? {} : { selectPolicy }),
    ...(policies === undefined ? {} : { policies }),
    ...(given?.tolerance === undefined ? {} : { tolerance: given.tolerance }),
  };
}
