/** Nobody grants more than they hold. Mirrors `pkg/registry/rbac` (`escalation_check.go`, `ConfirmNoEscalation`). */
import type { PolicyRule, RoleRef } from '../../machinery/api/rbac-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import type { ResourceReader } from '../../machinery/resource-reader.port.js';
import type { UserInfo } from '../../machinery/user.js';
import { ClusterAuthorizer } from './cluster-authorizer.js';
import { describeRules, missingRules } from './rule-covers.js';
import { aggregateText, collectRules } from './rule-resolver.js';

const RBAC_GROUP = 'rbac.authorization.k8s.io';

export interface Grant {
  readonly reader: ResourceReader;
  readonly user: UserInfo;
  /** Where the rules are to hold; empty for the whole cluster. */
  readonly namespace: string;
}

/** What is wrong with granting the rules, in upstream's words; `undefined` where the user holds them all. */
export function escalationFault({ reader, user, namespace }: Grant, rules: readonly PolicyRule[]): string | undefined {
  const { rules: held, errors } = collectRules(reader, user, namespace);
  const missing = missingRules(held, rules);
  if (missing.length === 0) return undefined;
  const groups = user.groups.map(goQuote).join(' ');
  const lines = describeRules(missing).join('\n');
  const resolution = errors.length === 0 ? '' : `; resolution errors: [${aggregateText(errors)}]`;
  return `user ${goQuote(user.username)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${lines}${resolution}`;
}

/** Whether the user may give a role whatever rules they like. */
export const mayEscalate = (grant: Grant, resource: string, name: string): boolean =>
  isAllowed(grant, 'escalate', { group: RBAC_GROUP, resource, name });

/** Whether the user may bind the role, whatever it grants. */
export function mayBind(grant: Grant, { apiGroup, kind, name }: RoleRef): boolean {
  const resource = kind === 'ClusterRole' ? 'clusterroles' : kind === 'Role' ? 'roles' : undefined;
  return resource !== undefined && isAllowed(grant, 'bind', { group: apiGroup, resource, name });
}

function isAllowed(
  { reader, user, namespace }: Grant,
  verb: string,
  what: { readonly group: string; readonly resource: string; readonly name: string },
): boolean {
  const rest = { version: '*', subresource: '', path: '', isResource: true };
  return new ClusterAuthorizer(reader).authorize({ ...rest, ...what, user, verb, namespace }).isAllowed;
}
