// Mirrors upstream's clusterrole-aggregation-controller: a ClusterRole with an aggregation rule holds the rules of all
// ClusterRoles that its selectors find. One pass looks at all of them: aggregates are few, and may select one another.
import type { Client } from '../../client/client.js';
import { clusterRole } from '../../kinds/cluster-role.js';
import type { AggregationRule, ClusterRole, PolicyRule } from '../../machinery/api/rbac-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { apiVersionOf } from '../../machinery/object.js';
import { defineController, watching } from '../controller.js';

/** A new cluster's own objects are its first writes, and there are more of them: nobody else has written by then. */
const BOOTSTRAP_REVISION_MAX = 200;
const FIELD_MANAGER = 'clusterrole-aggregation-controller';
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
      map: (object, _context, type) => (type === 'added' && isBootstrap(object) ? [] : [ALL]),
    }),
  ],

  reconcile({ client, key }) {
    if (key === ALL) aggregateAll(client);
    return undefined;
  },
});

/** As the cluster was made with it: such roles are aggregated already, and a new cluster need not look at them all. */
const isBootstrap = ({ metadata: { labels, resourceVersion } }: ClusterRole): boolean =>
  labels?.['kubernetes.io/bootstrapping'] === 'rbac-defaults' && Number(resourceVersion) <= BOOTSTRAP_REVISION_MAX;

function aggregateAll(client: Client): void {
  const roles = client.list(clusterRole);
  const applying = client.as({ ...client.identity, fieldManager: FIELD_MANAGER });
  for (const role of roles) {
    if (role.aggregationRule === undefined) continue;
    const rules = aggregated(role, role.aggregationRule, roles);
    if (deepEqual(rules, role.rules ?? [])) continue;
    const { name } = role.metadata;
    const said = rules.length === 0 ? {} : { rules };
    const config = { apiVersion: apiVersionOf(clusterRole), kind: clusterRole.kind, metadata: { name }, ...said };
    applying.apply(clusterRole, name, config);
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
