/** Which rules hold for a user. Mirrors `pkg/registry/rbac/validation/rule.go`, by look-ups instead of scans. */
import { clusterRoleBinding } from '../../kinds/cluster-role-binding.js';
import { clusterRole } from '../../kinds/cluster-role.js';
import { roleBinding } from '../../kinds/role-binding.js';
import { role } from '../../kinds/role.js';
import type { ClusterRoleBinding, PolicyRule, RoleBinding, RoleRef, Subject } from '../../machinery/api/rbac-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import { notFound, type StatusError } from '../../machinery/status-error.js';
import type { UserInfo } from '../../machinery/user.js';
import { bindingsBySubject, clusterBindingsBySubject, groupKey, subjectFor, userKey } from './bindings-by-subject.js';

const NO_RULES: readonly PolicyRule[] = Object.freeze([]);
const RBAC_GROUP = 'rbac.authorization.k8s.io';

type Binding = ClusterRoleBinding | RoleBinding;

/** Is shown the rules of one binding, or why they cannot be had; goes on to the next while it answers true. */
export type RuleVisitor = (rules: readonly PolicyRule[], binding: Binding, error: StatusError | undefined) => boolean;

/**
 * Visits the rules of every binding that is about the user: those of the cluster first, then those of the namespace
 * (empty: none). A binding to several of the user's groups is visited once for each.
 */
export function visitRules(reader: ResourceReader, user: UserInfo, namespace: string, visit: RuleVisitor): void {
  const keys = [userKey(user), ...user.groups.map(groupKey)];
  for (const key of keys) {
    for (const binding of reader.indexed(clusterRoleBinding, clusterBindingsBySubject, key)) {
      if (!visitBinding(reader, binding, '', visit)) return;
    }
  }
  if (namespace === '') return;
  for (const key of keys) {
    for (const binding of reader.indexed(roleBinding, bindingsBySubject, `${namespace}/${key}`)) {
      if (!visitBinding(reader, binding, namespace, visit)) return;
    }
  }
}

function visitBinding(reader: ResourceReader, binding: Binding, namespace: string, visit: RuleVisitor): boolean {
  const rules = rulesOfRole(reader, binding.roleRef, namespace);
  return rules === undefined
    ? visit(NO_RULES, binding, roleNotFound(binding.roleRef))
    : visit(rules, binding, undefined);
}

/** `undefined` where there is no such role. */
export function rulesOfRole(
  reader: ResourceReader,
  { kind, name }: RoleRef,
  namespace: string,
): readonly PolicyRule[] | undefined {
  const found = kind === 'Role' ? reader.get(role, `${namespace}/${name}`) : reader.get(clusterRole, name);
  return found === undefined ? undefined : (found.rules ?? NO_RULES);
}

/** Upstream's listers name the singular. */
const roleNotFound = ({ kind, name }: RoleRef): StatusError =>
  notFound({ group: RBAC_GROUP, resource: kind === 'Role' ? 'role' : 'clusterrole' }, name);

/** All rules, and the texts of what could not be found out, each once. */
export function collectRules(
  reader: ResourceReader,
  user: UserInfo,
  namespace: string,
): { readonly rules: readonly PolicyRule[]; readonly errors: readonly string[] } {
  const rules: PolicyRule[] = [];
  const errors = new Set<string>();
  const seen = new Set<Binding>();
  visitRules(reader, user, namespace, (found, binding, error) => {
    if (error !== undefined) errors.add(error.message);
    else if (!seen.has(binding)) rules.push(...found);
    seen.add(binding);
    return true;
  });
  return { rules, errors: [...errors] };
}

/** One text of several, as Go's aggregate errors read. */
export const aggregateText = (errors: readonly string[]): string =>
  errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`;

/** Such as `RoleBinding "r/default" of Role "r" to User "jane"`. */
export function describeBinding({ metadata, roleRef, subjects = [] }: Binding, user: UserInfo): string {
  const { name, namespace = '' } = metadata;
  const subject = subjectFor(user, subjects, namespace);
  const what =
    namespace === '' ? `ClusterRoleBinding ${goQuote(name)}` : `RoleBinding ${goQuote(`${name}/${namespace}`)}`;
  const whom = subject === undefined ? '' : ` to ${describeSubject(subject, namespace)}`;
  return `${what} of ${roleRef.kind} ${goQuote(roleRef.name)}${whom}`;
}

function describeSubject({ kind, name, namespace = '' }: Subject, bindingNamespace: string): string {
  if (kind !== 'ServiceAccount') return `${kind} ${goQuote(name)}`;
  return `${kind} ${goQuote(`${name}/${namespace === '' ? bindingNamespace : namespace}`)}`;
}
