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
  statusKeepsMetadata: true,
  columns: [nameColumn, createdAtColumn],
  countsGenerations: true,
  allowsUnconditionalUpdate: false,

  defaults({ spec, status }) {
    spec.names.singular ||= spec.names.kind.toLowerCase();
    if (spec.names.kind !== '') spec.names.listKind ||= `${spec.names.kind}List`;
    spec.conversion ??= { strategy: 'None' };
    const service = spec.conversion.webhook?.clientConfig?.service;
    if (service !== undefined) service.port ??= 443;
    if (status !== undefined && (status.storedVersions ?? []).length === 0) {
      status.storedVersions = storageVersions(spec);
    }
  },
  prepareForCreate(draft) {
    draft.status = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: storageVersions(draft.spec),
    };
  },
});

function storageVersions({ versions }: CustomResourceDefinition['spec']): string[] | null {
  const names = (versions ?? []).filter(({ storage }) => storage).map(({ name }) => name);
  return names.length === 0 ? null : names;
}
