/** Mirrors `ValidateResourceQuota` and its updates. */
import type { ResourceList, ResourceQuota } from '../../machinery/api/core-v1.js';
import { invalid, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { isStandardResource } from '../pod-spec/resource-lists.js';
import { checkResourceName, checkResourceQuantity } from './resources.js';

const SCOPES: readonly string[] = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
];
const EXISTS_ONLY: readonly string[] = [
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
];
const POD_RESOURCES: readonly string[] = [
  'pods',
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
];
const CLAIM_RESOURCES: readonly string[] = ['persistentvolumeclaims', 'requests.storage'];
const QUOTA_RESOURCES: readonly string[] = [
  ...POD_RESOURCES,
  ...CLAIM_RESOURCES,
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
];
const MUST_EXIST =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

export function validateQuota(quota: ResourceQuota, report: Report): void {
  validateSpec(quota, report);
  validateQuotaStatus(quota, report);
}

export function validateQuotaUpdate(quota: ResourceQuota, old: ResourceQuota, report: Report): void {
  validateSpec(quota, report);
  const now = new Set(quota.spec?.scopes ?? []);
  const before = new Set(old.spec?.scopes ?? []);
  if (now.size !== before.size || [...now].some((scope) => !before.has(scope))) {
    report(invalid('spec.scopes', quota.spec?.scopes ?? null, 'field is immutable'));
  }
}

export function validateQuotaStatus({ status }: ResourceQuota, report: Report): void {
  validateList('status.hard', status?.hard, report);
  validateList('status.used', status?.used, report);
}

function validateSpec(quota: ResourceQuota, report: Report): void {
  validateList('spec.hard', quota.spec?.hard, report);
  validateScopes(quota, report);
  validateSelector(quota, report);
}

function validateList(path: string, list: ResourceList = {}, report: Report): void {
  for (const name of Object.keys(list).toSorted()) {
    const at = `${path}[${name}]`;
    checkResourceName(report, at, name);
    if (!name.includes('/') && !isQuotaResource(name)) {
      report(invalid(at, name, 'must be a standard resource for quota'));
    }
    checkResourceQuantity(report, at, name, list[name] ?? '0');
  }
}

const isQuotaResource = (name: string): boolean =>
  QUOTA_RESOURCES.includes(name) || (isStandardResource(name) && name.includes('hugepages-'));

function validateScopes({ spec }: ResourceQuota, report: Report): void {
  const scopes = spec?.scopes ?? [];
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) report(invalid('spec.scopes', scopes, 'unsupported scope'));
    for (const name of Object.keys(spec?.hard ?? {}).toSorted()) {
      if (!isQuotaResource(name) || isValidFor(scope, name)) continue;
      report(invalid('spec.scopes', scopes, 'unsupported scope applied to resource'));
    }
  }
  checkConflicts(scopes, scopes, report);
}

function validateSelector({ spec }: ResourceQuota, report: Report): void {
  const requirements = spec?.scopeSelector?.matchExpressions;
  if (spec?.scopeSelector === undefined) return;
  const path = 'spec.scopeSelector.matchExpressions';
  for (const { scopeName: scope, operator, values = [] } of requirements ?? []) {
    if (!SCOPES.includes(scope)) report(invalid(`${path}.scopeName`, scope, 'unsupported scope'));
    for (const name of Object.keys(spec.hard ?? {}).toSorted()) {
      if (!isQuotaResource(name) || isValidFor(scope, name)) continue;
      report(invalid(path, printedSelector(spec.scopeSelector), 'unsupported scope applied to resource'));
    }
    if (EXISTS_ONLY.includes(scope) && operator !== 'Exists') report(invalid(`${path}.operator`, operator, MUST_EXIST));
    if (operator === 'In' || operator === 'NotIn') {
      const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      if (values.length === 0) report(required(`${path}.values`, detail));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      if (values.length > 0) report(invalid(`${path}.values`, values, detail));
    } else {
      report(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
    }
  }
  checkConflicts(
    (requirements ?? []).map(({ scopeName }) => scopeName),
    spec.scopes ?? null,
    report,
  );
}

function checkConflicts(scopes: readonly string[], printed: readonly string[] | null, report: Report): void {
  for (const [one, other] of [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ] as const) {
    if (scopes.includes(one) && scopes.includes(other)) report(invalid('spec.scopes', printed, 'conflicting scopes'));
  }
}

function isValidFor(scope: string, resource: string): boolean {
  switch (scope) {
    case 'BestEffort':
      return resource === 'pods';
    case 'Terminating':
    case 'NotTerminating':
    case 'NotBestEffort':
    case 'PriorityClass':
    case 'CrossNamespacePodAffinity':
      return POD_RESOURCES.includes(resource);
    case 'VolumeAttributesClass':
      return CLAIM_RESOURCES.includes(resource);
    default:
      return true;
  }
}

/** As upstream prints its internal form. */
const printedSelector = (selector: NonNullable<NonNullable<ResourceQuota['spec']>['scopeSelector']>) => ({
  MatchExpressions: (selector.matchExpressions ?? []).map(({ scopeName, operator, values }) => ({
    ScopeName: scopeName,
    Operator: operator,
    Values: values ?? null,
  })),
});
