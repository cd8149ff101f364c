import type { Role } from '../machinery/api/rbac-v1.js';
import { defineKind } from '../machinery/kind.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';
import { dropEmptyRules, validateRules } from './shared/rbac-validation.js';

export const role = defineKind<Role>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  plural: 'roles',
  scope: 'Namespaced',
  type: 'k8s.io/api/rbac/v1.Role',
  columns: [nameColumn, createdAtColumn],
  createsOnUpdate: true,

  prepareForCreate: dropEmptyRules,
  prepareForUpdate: dropEmptyRules,

  validateName: () => [],
  validate: (object, report) => validateRules(object.rules ?? [], 'Namespaced', report),
  validateUpdate: (object, _old, report) => validateRules(object.rules ?? [], 'Namespaced', report),
});
