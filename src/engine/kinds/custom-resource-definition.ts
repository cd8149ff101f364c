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

  defaults({ spec, status }) {
    spec.names.singular ||= spec.names.kind.toLowerCase();
    spec.names.listKind ||= `${spec.names.kind}List`;
    spec.conversion ??= { strategy: 'None' };
    const service = spec.conversion.webhook?.clientConfig?.service;
    if (service !== undefined) service.port ??= 443;
    if (status !== undefined && (status.storedVersions ?? []).length === 0) {
      status.storedVersions = spec.versions.filter(({ storage }) => storage).map(({ name }) => name);
    }
  },
  prepareForCreate(draft) {
    draft.status = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: draft.spec.versions.filter(({ storage }) => storage).map(({ name }) => name),
    };
  },
});
