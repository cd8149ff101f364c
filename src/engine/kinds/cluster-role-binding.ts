import type { ClusterRoleBinding } from '../machinery/api/rbac-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { defaultBinding, validateBinding, validateBindingUpdate } from './shared/rbac-validation.js';
import { subjectNames } from './shared/rbac.js';

export const clusterRoleBinding = defineKind<ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  scope: 'Cluster',
  type: 'k8s.io/api/rbac/v1.ClusterRoleBinding',
  columns: [
    nameColumn,
    { name: 'Role', type: 'string', value: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` },
    ageColumn,
    { name: 'Users', type: 'string', priority: 1, value: ({ subjects }) => subjectNames(subjects, 'User') },
    { name: 'Groups', type: 'string', priority: 1, value: ({ subjects }) => subjectNames(subjects, 'Group') },
    {
      name: 'ServiceAccounts',
      type: 'string',
      priority: 1,
      value: ({ subjects }) => subjectNames(subjects, 'ServiceAccount'),
    },
  ],
  createsOnUpdate: true,

  defaults: defaultBinding,

  validateName: () => [],
  validate: (object, report) => validateBinding(object, 'Cluster', report),
  validateUpdate: (object, old, report) => validateBindingUpdate(object, old, 'Cluster', report),
});
