import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const RBAC = 'rbac.authorization.k8s.io';
const NAME = 'system:controller:clusterrole-aggregation-controller';
const SUM = 'clusterroles/sum';

const rule = (...resources: readonly string[]): Json => ({ apiGroups: [''], resources, verbs: ['get'] });
const part = (team: string, ...rules: readonly Json[]): Json => ({ metadata: { labels: { team } }, rules });
const sumOf = (clusterRoleSelectors: readonly Json[], rules: Json = null): Json => ({
  aggregationRule: { clusterRoleSelectors },
  rules,
});
const A = { matchLabels: { team: 'a' } };
const B = { matchExpressions: [{ key: 'team', operator: 'In', values: ['b'] }] };

/** What lets the controller give away rights that it does not have. */
const allowed: Record<string, Json> = {
  [`clusterroles/${NAME}`]: {
    rules: [{ verbs: ['escalate', 'patch'], apiGroups: [RBAC], resources: ['clusterroles'] }],
  },
  [`clusterrolebindings/${NAME}`]: {
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: NAME },
    subjects: [{ kind: 'ServiceAccount', name: 'clusterrole-aggregation-controller', namespace: 'kube-system' }],
  },
};
const rules = (...expected: readonly Json[]): Json => ({ [SUM]: { rules: expected } });

describe('clusterrole-aggregation-controller', () => {
  controllerTable('clusterrole-aggregation-controller', [
    {
      name: 'holds the rules of a role that is selected',
      before: { ...allowed, 'clusterroles/one': part('a', rule('pods')), [SUM]: sumOf([A]) },
      after: rules(rule('pods')),
    },
    {
      name: 'says as who it applies them',
      before: { ...allowed, 'clusterroles/one': part('a', rule('pods')), [SUM]: sumOf([A]) },
      after: {
        [SUM]: {
          metadata: {
            managedFields: [
              {
                manager: 'clusterrole-aggregation-controller',
                operation: 'Apply',
                fieldsV1: { 'f:rules': {} },
              },
              { manager: 'test', operation: 'Update', fieldsV1: { 'f:rules': undefined } },
            ],
          },
        },
      },
    },
    {
      name: 'puts rules in the order of the roles’ names',
      before: {
        ...allowed,
        'clusterroles/two': part('a', rule('services')),
        'clusterroles/one': part('a', rule('pods')),
        [SUM]: sumOf([A]),
      },
      after: rules(rule('pods'), rule('services')),
    },
    {
      name: 'puts rules in the order of the selectors first',
      before: {
        ...allowed,
        'clusterroles/one': part('a', rule('pods')),
        'clusterroles/two': part('b', rule('services')),
        [SUM]: sumOf([B, A]),
      },
      after: rules(rule('services'), rule('pods')),
    },
    {
      name: 'holds equal rules once',
      before: {
        ...allowed,
        'clusterroles/one': part('a', rule('pods'), rule('services')),
        'clusterroles/two': part('b', rule('services'), rule('services', 'pods')),
        [SUM]: sumOf([A, B]),
      },
      after: rules(rule('pods'), rule('services'), rule('services', 'pods')),
    },
    {
      name: 'holds nothing of itself',
      before: { ...allowed, [SUM]: { ...sumOf([A], [rule('pods')]), metadata: { labels: { team: 'a' } } } },
      act: (world) => world.put('clusterroles/one', part('a', rule('services'))),
      after: rules(rule('services')),
    },
    {
      name: 'replaces rules that were written into it',
      before: { ...allowed, 'clusterroles/one': part('a', rule('pods')), [SUM]: sumOf([A], [rule('secrets')]) },
      after: rules(rule('pods')),
    },
    {
      name: 'leaves a role alone that holds them all',
      before: { ...allowed, 'clusterroles/one': part('a', rule('pods')), [SUM]: sumOf([A], [rule('pods')]) },
      after: { [SUM]: { metadata: { managedFields: [{ manager: 'test' }] } } },
    },
    {
      name: 'leaves roles without an aggregation rule alone',
      before: { ...allowed, 'clusterroles/one': part('a', rule('pods')) },
      after: { 'clusterroles/one': { rules: [rule('pods')] } },
    },
    {
      name: 'takes away the rules of a role that is deleted',
      before: { ...allowed, 'clusterroles/one': part('a', rule('pods')), [SUM]: sumOf([A]) },
      act: (world) => world.remove('clusterroles/one'),
      after: { [SUM]: { rules: null } },
    },
    {
      name: 'follows aggregates of aggregates',
      before: {
        ...allowed,
        'clusterroles/all': sumOf([B]),
        'clusterroles/one': part('a', rule('pods')),
        [SUM]: { ...sumOf([A]), metadata: { labels: { team: 'b' } } },
      },
      after: { 'clusterroles/all': { rules: [rule('pods')] } },
    },
  ]);
});
