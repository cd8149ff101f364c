/** Which rule of an audit policy a request falls under. Mirrors apiserver's `audit/policy` evaluator. */
import type { UserInfo } from '../../machinery/user.js';
import type { AuthorizationAttributes } from '../authorizer.port.js';
import type { AuditLevel, AuditPolicy, AuditPolicyRule, AuditStage, GroupResources } from './audit-policy.js';

/** What is told of a request. */
export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: readonly AuditStage[];
  readonly omitManagedFields: boolean;
}

/** What rules look at, apart from the user. */
export type AuditedRequest = Omit<AuthorizationAttributes, 'user' | 'fields'>;

/** The user is `undefined` where nobody could be made out. */
export function auditDecision(policy: AuditPolicy, request: AuditedRequest, user: UserInfo | undefined): AuditDecision {
  const { omitStages = [], omitManagedFields = false } = policy;
  const rule = policy.rules.find((each) => matches(each, request, user));
  if (rule === undefined) return { level: 'None', omitStages, omitManagedFields };
  return {
    level: rule.level,
    omitStages: rule.omitStages === undefined ? omitStages : [...omitStages, ...rule.omitStages],
    omitManagedFields: rule.omitManagedFields ?? omitManagedFields,
  };
}

function matches(rule: AuditPolicyRule, request: AuditedRequest, user: UserInfo | undefined): boolean {
  const { users = [], userGroups = [], verbs = [], namespaces = [], resources = [], nonResourceURLs = [] } = rule;
  if (users.length > 0 && (user === undefined || !users.includes(user.username))) return false;
  if (userGroups.length > 0 && user?.groups.some((group) => userGroups.includes(group)) !== true) return false;
  if (verbs.length > 0 && !verbs.includes(request.verb)) return false;
  if (namespaces.length > 0 || resources.length > 0) {
    if (!request.isResource) return false;
    if (namespaces.length > 0 && !namespaces.includes(request.namespace)) return false;
    return resources.length === 0 || resources.some((each) => holds(each, request));
  }
  if (nonResourceURLs.length === 0) return true;
  return !request.isResource && nonResourceURLs.some((url) => covers(url, request.path));
}

function holds({ group = '', resources = [], resourceNames = [] }: GroupResources, request: AuditedRequest): boolean {
  if (group !== request.group) return false;
  if (resources.length === 0) return true;
  if (resourceNames.length > 0 && !resourceNames.includes(request.name)) return false;
  const { resource, subresource } = request;
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  return resources.some(
    (each) =>
      each === whole ||
      each === '*' ||
      (subresource !== '' && each === `*/${subresource}`) ||
      // Of the resource itself, too.
      each === `${resource}/*`,
  );
}

/** A star stands for the rest of a path. */
const covers = (url: string, path: string): boolean =>
  url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, '')));
