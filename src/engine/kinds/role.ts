import type { Role } from '../machinery/api/rbac-v1.js';
import { defineKind } from '../machinery/kind.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';

export const role = defineKind<Role>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  scope: 'Namespaced',
  type: 'k8s.io/api/rbac/v1.Role',
  columns: [nameColumn, createdAtColumn],
  createsOnUpdate: true,

  validateName: () => [],
});
