import type { LocalSubjectAccessReview } from '../machinery/api/authorization-v1.js';
import { defineKind } from '../machinery/kind.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';

export const localSubjectAccessReview = defineKind<LocalSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  scope: 'Namespaced',
  type: 'k8s.io/api/authorization/v1.LocalSubjectAccessReview',
  verbs: ['create'],
  columns: [nameColumn, createdAtColumn],
  isVirtual: true,
});
