import type { PodDisruptionBudget } from '../machinery/api/policy-v1.js';
import type { IntOrString } from '../machinery/api/runtime.js';
import { invalid, notSupported } from '../machinery/field-error.js';
import { percentFaults } from '../machinery/int-or-string.js';
import type { Report } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { checkLabelSelector, checkNonNegative, hasInvalidSelectorValue, reportFaults } from './pod-spec/checks.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';

const EVICTION_POLICIES: readonly string[] = ['AlwaysAllow', 'IfHealthyBudget'];

export const podDisruptionBudget = defineKind<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  scope: 'Namespaced',
  metadataRules: 'afterwards',
  type: 'k8s.io/api/policy/v1.PodDisruptionBudget',
  subresources: [statusSubresource],
  columns: [
    nameColumn,
    { name: 'Min Available', type: 'string', value: ({ spec }) => String(spec?.minAvailable ?? 'N/A') },
    { name: 'Max Unavailable', type: 'string', value: ({ spec }) => String(spec?.maxUnavailable ?? 'N/A') },
    { name: 'Allowed Disruptions', type: 'integer', value: ({ status }) => status?.disruptionsAllowed ?? 0 },
    ageColumn,
  ],
  countsGenerations: true,
  allowsUnconditionalUpdate: false,

  prepareForCreate(draft) {
    draft.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },

  validateName: () => [],
  validate: (object, report) => validate(object, false, report),
  validateUpdate: (object, old, report) => validate(object, hasInvalidSelectorValue(old.spec.selector), report),
  validateStatusUpdate({ status }, _old, report) {
    checkNonNegative(report, 'status.disruptionsAllowed', status?.disruptionsAllowed);
    checkNonNegative(report, 'status.currentHealthy', status?.currentHealthy);
    checkNonNegative(report, 'status.desiredHealthy', status?.desiredHealthy);
    checkNonNegative(report, 'status.expectedPods', status?.expectedPods);
  },
});

function validate({ spec }: PodDisruptionBudget, allowsInvalidValues: boolean, report: Report): void {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const printed = {
      MinAvailable: minAvailable,
      Selector: selector ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: policy ?? null,
    };
    report(invalid('spec', printed, 'minAvailable and maxUnavailable cannot be both set'));
  }
  checkCountOrPercent(report, 'spec.minAvailable', minAvailable);
  checkCountOrPercent(report, 'spec.maxUnavailable', maxUnavailable);
  checkLabelSelector(report, 'spec.selector', selector, { allowsInvalidValues });
  if (policy !== undefined && !EVICTION_POLICIES.includes(policy)) {
    report(notSupported('spec.unhealthyPodEvictionPolicy', policy, EVICTION_POLICIES));
  }
}

function checkCountOrPercent(report: Report, path: string, value: IntOrString | undefined): void {
  if (value === undefined) return;
  if (typeof value === 'number') return checkNonNegative(report, path, value);
  const faults = percentFaults(value);
  reportFaults(report, path, value, faults);
  if (faults.length === 0 && Number(value.slice(0, -1)) > 100)
    report(invalid(path, value, 'must not be greater than 100%'));
}
