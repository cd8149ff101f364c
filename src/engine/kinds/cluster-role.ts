import type { ClusterRole } from '../machinery/api/rbac-v1.js';
import { invalid, required } from '../machinery/field-error.js';
import type { Report } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { checkLabelSelector, hasInvalidSelectorValue } from './pod-spec/checks.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';
import { dropEmptyRules, validateRules } from './shared/rbac-validation.js';

export const clusterRole = defineKind<ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  type: 'k8s.io/api/rbac/v1.ClusterRole',
  columns: [nameColumn, createdAtColumn],
  createsOnUpdate: true,

  prepareForCreate: dropEmptyRules,
  prepareForUpdate: dropEmptyRules,

  validateName: () => [],
  validate: (object, report) => validate(object, false, report),
  validateUpdate: (object, old, report) => validate(object, hasInvalidSelector(old), report),
});

function validate({ rules, aggregationRule }: ClusterRole, allowsInvalidValues: boolean, report: Report): void {
  validateRules(rules ?? [], 'Cluster', report);
  if (aggregationRule === undefined) return;
  const path = 'aggregationRule.clusterRoleSelectors';
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) {
    report(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  }
  for (const [index, selector] of selectors.entries()) {
    let isValid = true;
    const noting: Report = (error) => {
      isValid = false;
      report(error);
    };
    checkLabelSelector(noting, `${path}[${index}]`, selector, { allowsInvalidValues });
    if (!isValid) report(invalid(`${path}[${index}]`, null, 'invalid label selector.'));
  }
}

const hasInvalidSelector = ({ aggregationRule }: ClusterRole): boolean =>
  aggregationRule?.clusterRoleSelectors?.some(hasInvalidSelectorValue) ?? false;
