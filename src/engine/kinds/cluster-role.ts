import type { ClusterRole } from '../machinery/api/rbac-v1.js';
import { defineKind } from '../machinery/kind.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';

export const clusterRole = defineKind<ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  type: 'k8s.io/api/rbac/v1.ClusterRole',
  columns: [nameColumn, createdAtColumn],
  createsOnUpdate: true,

  validateName: () => [],
});
