import type { ResourceClaimTemplate } from '../machinery/api/resource-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';

export const resourceClaimTemplate = defineKind<ResourceClaimTemplate>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  scope: 'Namespaced',
  type: 'k8s.io/api/resource/v1.ResourceClaimTemplate',
  columns: [nameColumn, ageColumn],
});
