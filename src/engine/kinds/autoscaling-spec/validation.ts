/** Mirrors `ValidateHorizontalPodAutoscaler`; scaling to zero is an alpha feature and not here. */
import type { HPAScalingPolicy, HPAScalingRules, HorizontalPodAutoscaler } from '../../machinery/api/autoscaling-v2.js';
import { invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { compareQuantity, quantityOf } from '../../machinery/quantity.js';
import { checkPositive } from '../pod-spec/checks.js';
import { quantityFrom } from '../pod-spec/resource-lists.js';
import { validateMetric } from './metric-validation.js';
import { checkReference } from './reference.js';

const PERIOD_SECONDS_MAX = 1_800;
const WINDOW_SECONDS_MAX = 3_600;
const REPLICAS_MIN = 1;
const SELECT_POLICIES: readonly string[] = ['Disabled', 'Max', 'Min'];
const POLICY_TYPES: readonly string[] = ['Percent', 'Pods'];

export function validateAutoscaler(
  { spec }: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler | undefined,
  report: Report,
): void {
  const { minReplicas, maxReplicas, scaleTargetRef, metrics = [], behavior } = spec;
  if (minReplicas !== undefined && minReplicas < (old?.spec.minReplicas === 0 ? 0 : REPLICAS_MIN)) {
    report(invalid('spec.minReplicas', minReplicas, `must be greater than or equal to ${REPLICAS_MIN}`));
  }
  if (maxReplicas < 1) report(invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    report(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  const before = old?.spec.scaleTargetRef;
  checkReference(report, 'spec.scaleTargetRef', scaleTargetRef, {
    allowsAnyVersion: before?.apiVersion === scaleTargetRef.apiVersion && before?.kind === scaleTargetRef.kind,
    allowsCoreGroup: scaleTargetRef.kind === 'ReplicationController',
  });
  for (const [index, metric] of metrics.entries()) validateMetric(metric, `spec.metrics[${index}]`, report);
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const detail = 'must specify at least one Object or External metric to support scaling to zero replicas';
    report({ type: 'Forbidden', field: 'spec.metrics', detail });
  }
  validateRules(behavior?.scaleUp, 'spec.behavior.scaleUp', report);
  validateRules(behavior?.scaleDown, 'spec.behavior.scaleDown', report);
}

function validateRules(rules: HPAScalingRules | undefined, path: string, report: Report): void {
  if (rules === undefined) return;
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules;
  const windowPath = `${path}.stabilizationWindowSeconds`;
  if (window < 0) report(invalid(windowPath, window, 'must be greater than or equal to zero'));
  if (window > WINDOW_SECONDS_MAX)
    report(invalid(windowPath, window, `must be less than or equal to ${WINDOW_SECONDS_MAX}`));
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) {
    report(notSupported(`${path}.selectPolicy`, selectPolicy, SELECT_POLICIES));
  }
  if (policies.length === 0) report(required(`${path}.policies`, 'must specify at least one Policy'));
  for (const [index, policy] of policies.entries()) validatePolicy(policy, `${path}.policies[${index}]`, report);
  if (tolerance !== undefined && compareQuantity(quantityFrom(tolerance), quantityOf(0)) < 0) {
    report(invalid(`${path}.tolerance`, tolerance, 'must be greater than or equal to 0'));
  }
}

function validatePolicy({ type, value, periodSeconds }: HPAScalingPolicy, path: string, report: Report): void {
  if (!POLICY_TYPES.includes(type)) report(notSupported(`${path}.type`, type, POLICY_TYPES));
  checkPositive(report, `${path}.value`, value);
  checkPositive(report, `${path}.periodSeconds`, periodSeconds);
  if (periodSeconds > PERIOD_SECONDS_MAX) {
    report(invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${PERIOD_SECONDS_MAX}`));
  }
}
