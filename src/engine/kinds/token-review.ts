import type { TokenReview } from '../machinery/api/authentication-v1.js';
import { defineKind } from '../machinery/kind.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';

export const tokenReview = defineKind<TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  scope: 'Cluster',
  type: 'k8s.io/api/authentication/v1.TokenReview',
  verbs: ['create'],
  columns: [nameColumn, createdAtColumn],
  isVirtual: true,
});
