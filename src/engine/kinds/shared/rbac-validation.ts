/** The rules that roles and bindings of a namespace share with those of the cluster. */
import type { PolicyRule, Role, RoleRef, Subject } from '../../machinery/api/rbac-v1.js';
import { invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report, Scope } from '../../machinery/kind.js';
import { dns1123SubdomainFaults, pathSegmentFaults } from '../../machinery/names.js';
import type { Draft } from '../../machinery/object.js';
import { reportFaults } from '../pod-spec/checks.js';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';
const SUBJECT_KINDS: readonly string[] = ['ServiceAccount', 'User', 'Group'];

interface Binding {
  readonly subjects?: readonly Subject[];
  readonly roleRef: RoleRef;
}

export function validateRules(rules: readonly PolicyRule[], scope: Scope, report: Report): void {
  for (const [index, rule] of rules.entries()) validateRule(rule, `rules[${index}]`, scope, report);
}

function validateRule(rule: PolicyRule, path: string, scope: Scope, report: Report): void {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs: urls = [] } = rule;
  if ((verbs ?? []).length === 0) report(required(`${path}.verbs`, 'verbs must contain at least one value'));
  if (urls.length > 0) {
    if (scope === 'Namespaced') {
      report(invalid(`${path}.nonResourceURLs`, urls, 'namespaced rules cannot apply to non-resource URLs'));
    }
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0) {
      const fault = 'rules cannot apply to both regular resources and non-resource URLs';
      report(invalid(`${path}.nonResourceURLs`, urls, fault));
    }
    return;
  }
  if (apiGroups.length === 0)
    report(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
  if (resources.length === 0) report(required(`${path}.resources`, 'resource rules must supply at least one resource'));
}

export function defaultBinding({ roleRef, subjects = [] }: Draft<Binding>): void {
  roleRef.apiGroup ||= RBAC_GROUP;
  for (const subject of subjects) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC_GROUP;
  }
}

export function validateBinding({ roleRef, subjects = [] }: Binding, scope: Scope, report: Report): void {
  const kinds = scope === 'Namespaced' ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (roleRef.apiGroup !== RBAC_GROUP) report(notSupported('roleRef.apiGroup', roleRef.apiGroup, [RBAC_GROUP]));
  if (!kinds.includes(roleRef.kind)) report(notSupported('roleRef.kind', roleRef.kind, kinds));
  if (roleRef.name === '') report(required('roleRef.name'));
  else reportFaults(report, 'roleRef.name', roleRef.name, pathSegmentFaults(roleRef.name));
  for (const [index, subject] of subjects.entries()) validateSubject(subject, `subjects[${index}]`, scope, report);
}

export function validateBindingUpdate(binding: Binding, old: Binding, scope: Scope, report: Report): void {
  validateBinding(binding, scope, report);
  const { apiGroup, kind, name } = binding.roleRef;
  if (apiGroup === old.roleRef.apiGroup && kind === old.roleRef.kind && name === old.roleRef.name) return;
  report(invalid('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef'));
}

function validateSubject(subject: Subject, path: string, scope: Scope, report: Report): void {
  const { kind, name, apiGroup = '', namespace = '' } = subject;
  if (name === '') report(required(`${path}.name`));
  if (kind === 'ServiceAccount') {
    if (name !== '') reportFaults(report, `${path}.name`, name, dns1123SubdomainFaults(name));
    if (apiGroup !== '') report(notSupported(`${path}.apiGroup`, apiGroup, ['']));
    if (scope === 'Cluster' && namespace === '') report(required(`${path}.namespace`));
  } else if (!SUBJECT_KINDS.includes(kind)) {
    report(notSupported(`${path}.kind`, kind, SUBJECT_KINDS));
  } else if (apiGroup !== RBAC_GROUP) {
    report(notSupported(`${path}.apiGroup`, apiGroup, [RBAC_GROUP]));
  }
}

/** What upstream stores of an empty list is none. */
export function dropEmptyRules(draft: Pick<Draft<Role>, 'rules'>): void {
  if (draft.rules?.length === 0) draft.rules = null;
}
