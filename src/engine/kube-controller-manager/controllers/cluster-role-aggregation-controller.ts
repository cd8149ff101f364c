// Mirrors upstream's clusterrole-aggregation-controller: a ClusterRole with an aggregation rule holds the rules of all
// ClusterRoles that its selectors find. One pass looks at all of them: aggregates are few, and may select one another.
import type { Client } from '../../client/client.js';
import { clusterRole } from '../../kinds/cluster-role.js';
import type { AggregationRule, ClusterRole, PolicyRule } from '../../machinery/api/rbac-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { defineController, watching } from '../controller.js';

/** No ClusterRole can be called so. */
const ALL = '/';

export const clusterRoleAggregationController = defineController<ClusterRole>({
  name: 'clusterrole-aggregation-controller',
  primary: clusterRole,
  concerns: () => false,
  watches: [
    watching<ClusterRole, undefined>({
      kind: clusterRole,
      matters: (object, previous) =>
        !deepEqual(object.rules, previous.rules) ||
        !deepEqual(object.metadata.labels, previous.metadata.labels) ||
        !deepEqual(object.aggregationRule, previous.aggregationRule),
      map: () => [ALL],
    }),
  ],

  reconcile({ client, key }) {
    if (key === ALL) aggregateAll(client);
    return undefined;
  },
});

function aggregateAll(client: Client): void {
  const roles = client.list(clusterRole);
  for (const role of roles) {
    if (role.aggregationRule === undefined) continue;
    const rules = aggregated(role, role.aggregationRule, roles);
    if (!deepEqual(rules, role.rules ?? [])) client.update(clusterRole, { ...role, rules });
  }
}

function aggregated(
  { metadata: { name } }: ClusterRole,
  { clusterRoleSelectors = [] }: AggregationRule,
  roles: readonly ClusterRole[],
): readonly PolicyRule[] {
  const rules = new Map<string, PolicyRule>();
  for (const requirements of clusterRoleSelectors.map(fromLabelSelector)) {
    for (const { metadata, rules: found } of roles) {
      if (metadata.name === name || !matches(requirements, metadata.labels ?? {})) continue;
      for (const rule of found ?? []) {
        const key = identityOf(rule);
        if (!rules.has(key)) rules.set(key, rule);
      }
    }
  }
  return [...rules.values()];
}

const identityOf = ({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string =>
  JSON.stringify([verbs, apiGroups ?? [], resources ?? [], resourceNames ?? [], nonResourceURLs ?? []]);
