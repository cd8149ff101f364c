/** Which requests a FlowSchema is for: upstream's rules, where a wildcard counts only by itself. */
import type {
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '../../machinery/api/flowcontrol-v1.js';
import type { UserInfo } from '../../machinery/user.js';
import type { AuthorizationAttributes } from '../authorizer.port.js';

const EVERY = '*';
const ACCOUNT_PREFIX = 'system:serviceaccount:';

export const matchesFlowSchema = (request: AuthorizationAttributes, { rules = [] }: FlowSchemaSpec): boolean =>
  rules.some((rule) => matchesRule(request, rule));

function matchesRule(request: AuthorizationAttributes, rule: PolicyRulesWithSubjects): boolean {
  if (!rule.subjects.some((subject) => matchesSubject(request.user, subject))) return false;
  if (request.isResource) return rule.resourceRules?.some((each) => matchesResource(request, each)) === true;
  return rule.nonResourceRules?.some((each) => matchesPath(request, each)) === true;
}

function matchesSubject({ username, groups }: UserInfo, { kind, user, group, serviceAccount }: Subject): boolean {
  switch (kind) {
    case 'User':
      return user !== undefined && (user.name === EVERY || user.name === username);
    case 'Group':
      return group !== undefined && (group.name === EVERY || groups.includes(group.name));
    case 'ServiceAccount': {
      if (serviceAccount === undefined) return false;
      const { namespace, name } = serviceAccount;
      const ofNamespace = `${ACCOUNT_PREFIX}${namespace}:`;
      return name === EVERY ? username.startsWith(ofNamespace) : username === `${ofNamespace}${name}`;
    }
    default:
      return false;
  }
}

function matchesResource(request: AuthorizationAttributes, rule: ResourcePolicyRule): boolean {
  const { verb, group, resource, subresource, namespace } = request;
  if (!contains(rule.verbs, verb) || !contains(rule.apiGroups, group)) return false;
  if (!contains(rule.resources, subresource === '' ? resource : `${resource}/${subresource}`)) return false;
  return namespace === '' ? rule.clusterScope === true : contains(rule.namespaces ?? [], namespace);
}

const matchesPath = ({ verb, path }: AuthorizationAttributes, rule: NonResourcePolicyRule): boolean =>
  contains(rule.verbs, verb) && rule.nonResourceURLs.some((pattern) => matchesPattern(path, pattern));

function matchesPattern(path: string, pattern: string): boolean {
  if (pattern === EVERY || pattern === path) return true;
  const prefix = pattern.endsWith(EVERY) ? pattern.slice(0, -1) : pattern;
  return path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

const contains = (list: readonly string[], wanted: string): boolean =>
  (list.length === 1 && list[0] === EVERY) || list.includes(wanted);
