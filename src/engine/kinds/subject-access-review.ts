import type { SubjectAccessReview } from '../machinery/api/authorization-v1.js';
import { defineKind } from '../machinery/kind.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';

export const subjectAccessReview = defineKind<SubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  scope: 'Cluster',
  type: 'k8s.io/api/authorization/v1.SubjectAccessReview',
  verbs: ['create'],
  columns: [nameColumn, createdAtColumn],
  isVirtual: true,
});
