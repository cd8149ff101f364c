/** Which requests a rule of a role is about. Mirrors `pkg/apis/rbac/v1/evaluation_helpers.go`. */
import type { PolicyRule } from '../../machinery/api/rbac-v1.js';
import type { AuthorizationAttributes } from '../authorizer.port.js';

export const ALL = '*';

export function ruleAllows(rule: PolicyRule, attributes: AuthorizationAttributes): boolean {
  if (!hasOrAll(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResource) return rule.nonResourceURLs?.some((url) => urlCovers(url, attributes.path)) === true;
  const { group, name } = attributes;
  return (
    hasOrAll(rule.apiGroups, group) &&
    matchesResource(rule.resources, attributes) &&
    (rule.resourceNames === undefined || rule.resourceNames.length === 0 || rule.resourceNames.includes(name))
  );
}

/** A pattern may end in `*`, which stands for any rest. */
export const urlCovers = (pattern: string, path: string): boolean =>
  pattern === path || (pattern.endsWith(ALL) && path.startsWith(pattern.replace(/\*+$/, '')));

const hasOrAll = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes(value) || list.includes(ALL));

/** `pods/log` names a subresource, a star before the slash one of every resource. */
function matchesResource(
  resources: readonly string[] | undefined,
  { resource, subresource }: AuthorizationAttributes,
): boolean {
  if (resources === undefined) return false;
  for (const each of resources) {
    if (each === ALL) return true;
    if (subresource === '') {
      if (each === resource) return true;
      continue;
    }
    const slash = each.length - subresource.length - 1;
    if (slash < 1 || each[slash] !== '/' || !each.endsWith(subresource)) continue;
    if ((slash === 1 && each[0] === ALL) || (slash === resource.length && each.startsWith(resource))) return true;
  }
  return false;
}
