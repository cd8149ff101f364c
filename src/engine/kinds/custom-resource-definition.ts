import type { CustomResourceDefinition } from '../machinery/api/apiextensions-v1.js';
import { defineKind } from '../machinery/kind.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';

export const customResourceDefinition = defineKind<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  scope: 'Cluster',
  type: 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.CustomResourceDefinition',
  subresources: [statusSubresource],
  columns: [nameColumn, createdAtColumn],
  countsGenerations: true,
  allowsUnconditionalUpdate: false,
});
