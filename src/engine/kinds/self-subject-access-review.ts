import type { SelfSubjectAccessReview } from '../machinery/api/authorization-v1.js';
import { defineKind } from '../machinery/kind.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';

export const selfSubjectAccessReview = defineKind<SelfSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  scope: 'Cluster',
  type: 'k8s.io/api/authorization/v1.SelfSubjectAccessReview',
  verbs: ['create'],
  columns: [nameColumn, createdAtColumn],
  isVirtual: true,
});
