import type { SelfSubjectRulesReview } from '../machinery/api/authorization-v1.js';
import { defineKind } from '../machinery/kind.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';

export const selfSubjectRulesReview = defineKind<SelfSubjectRulesReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  scope: 'Cluster',
  type: 'k8s.io/api/authorization/v1.SelfSubjectRulesReview',
  verbs: ['create'],
  columns: [nameColumn, createdAtColumn],
  isVirtual: true,
});
