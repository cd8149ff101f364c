/** What webhooks and policies are asked about: rules, selectors and conditions. */
import type {
  MatchCondition,
  MatchResources,
  NamedRuleWithOperations,
  Rule,
  RuleWithOperations,
} from '../../machinery/api/admissionregistration-v1.js';
import { admissionVariables } from '../../machinery/cel/admission-environment.js';
import type { Variables } from '../../machinery/cel/checker.js';
import { checkExpression } from '../../machinery/cel/expression-check.js';
import { BOOL } from '../../machinery/cel/types.js';
import { duplicate, invalid, notSupported, required, tooMany } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { pathSegmentFaults } from '../../machinery/names.js';
import { checkLabelSelector, checkQualifiedName, reportFaults } from '../pod-spec/checks.js';

const OPERATIONS: readonly string[] = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES: readonly string[] = ['*', 'Cluster', 'Namespaced'];
export const FAILURE_POLICIES: readonly string[] = ['Fail', 'Ignore'];
export const MATCH_POLICIES: readonly string[] = ['Equivalent', 'Exact'];
const CONDITIONS_MAX = 64;

export function checkRuleWithOperations(report: Report, path: string, rule: RuleWithOperations): void {
  const { operations } = rule;
  if (isEmptyList(operations)) report(required(`${path}.operations`));
  checkWildcard(report, `${path}.operations`, operations, 'operations');
  for (const [index, operation] of (operations ?? []).entries()) {
    if (!OPERATIONS.includes(operation)) {
      report(notSupported(`${path}.operations[${index}]`, operation, OPERATIONS));
    }
  }
  checkRule(report, path, rule);
}

function checkRule(report: Report, path: string, { apiGroups, apiVersions, resources, scope }: Rule): void {
  if (isEmptyList(apiGroups)) report(required(`${path}.apiGroups`));
  checkWildcard(report, `${path}.apiGroups`, apiGroups, 'API groups');
  if (isEmptyList(apiVersions)) report(required(`${path}.apiVersions`));
  checkWildcard(report, `${path}.apiVersions`, apiVersions, 'API versions');
  for (const [index, version] of (apiVersions ?? []).entries()) {
    if (version === '') report(required(`${path}.apiVersions[${index}]`));
  }
  checkResources(report, `${path}.resources`, resources ?? []);
  if (scope !== undefined && !SCOPES.includes(scope)) report(notSupported(`${path}.scope`, scope, SCOPES));
}

function checkResources(report: Report, path: string, resources: readonly string[]): void {
  if (resources.length === 0) report(required(path));
  const ofResource = new Set<string>();
  const ofSubresource = new Set<string>();
  let hasPlain = false;
  for (const [index, each] of resources.entries()) {
    const at = `${path}[${index}]`;
    if (each === '') {
      report(required(at));
      continue;
    }
    const slash = each.indexOf('/');
    if (slash < 0) {
      hasPlain = each !== '*';
      continue;
    }
    const [resource, subresource] = [each.slice(0, slash), each.slice(slash + 1)];
    if (ofResource.has(resource)) {
      report(invalid(at, each, `if '${resource}/*' is present, must not specify ${each}`));
    }
    if (ofSubresource.has(subresource)) {
      report(invalid(at, each, `if '*/${subresource}' is present, must not specify ${each}`));
    }
    if (subresource === '*') ofResource.add(resource);
    if (resource === '*') ofSubresource.add(subresource);
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    report(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (hasPlain && resources.includes('*')) {
    report(invalid(path, resources, "if '*' is present, must not specify other resources without subresources"));
  }
}

const isEmptyList = (list: readonly string[] | undefined): boolean => (list ?? []).length === 0;

function checkWildcard(report: Report, path: string, list: readonly string[] | undefined, what: string): void {
  if (list === undefined || list.length < 2 || !list.includes('*')) return;
  report(invalid(path, list, `if '*' is present, must not specify other ${what}`));
}

export function checkMatchResources(report: Report, path: string, match: MatchResources): void {
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules, excludeResourceRules } = match;
  if (matchPolicy === undefined) report(required(`${path}.matchPolicy`));
  else if (!MATCH_POLICIES.includes(matchPolicy)) {
    report(notSupported(`${path}.matchPolicy`, matchPolicy, MATCH_POLICIES));
  }
  checkLabelSelector(report, `${path}.namespaceSelector`, namespaceSelector);
  checkLabelSelector(report, `${path}.objectSelector`, objectSelector);
  for (const [index, rule] of (resourceRules ?? []).entries()) {
    checkNamedRule(report, `${path}.resourceRules[${index}]`, rule);
  }
  for (const [index, rule] of (excludeResourceRules ?? []).entries()) {
    checkNamedRule(report, `${path}.excludeResourceRules[${index}]`, rule);
  }
}

function checkNamedRule(report: Report, path: string, rule: NamedRuleWithOperations): void {
  const names = rule.resourceNames ?? [];
  for (const [index, name] of names.entries()) {
    const at = `${path}.resourceNames[${index}]`;
    reportFaults(report, at, name, pathSegmentFaults(name));
    if (names.indexOf(name) < index) report(duplicate(at, name));
  }
  checkRuleWithOperations(report, path, rule);
}

/** Conditions are always about one request: who sends it may be asked for. */
export function checkMatchConditions(
  report: Report,
  path: string,
  conditions: readonly MatchCondition[] = [],
  variables: Variables = admissionVariables({ hasParams: false, hasAuthorizer: true }),
): void {
  if (conditions.length > CONDITIONS_MAX) report(tooMany(path, conditions.length, CONDITIONS_MAX));
  for (const [index, { name, expression }] of conditions.entries()) {
    const at = `${path}[${index}]`;
    if (expression.trim() === '') report(required(`${at}.expression`));
    else {
      const { fault } = checkExpression(expression, variables, [BOOL]);
      if (fault !== undefined) report(invalid(`${at}.expression`, expression, fault));
    }
    if (name === '') report(required(`${at}.name`));
    else {
      checkQualifiedName(report, `${at}.name`, name);
      if (conditions.findIndex((each) => each.name === name) < index) report(duplicate(`${at}.name`, name));
    }
  }
}
