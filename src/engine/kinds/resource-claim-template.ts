import type { ResourceClaimTemplate } from '../machinery/api/resource-v1.js';
import { defineKind } from '../machinery/kind.js';
import { checkAdminAccess, checkDeviceClaim } from './device-spec/claim-rules.js';
import { dropDisabledClaimFields } from './device-spec/disabled-fields.js';
import { namespace } from './namespace.js';
import { checkTemplateMetadata } from './pod-spec/claim-template-rules.js';
import { internalForm } from './pod-spec/internal-form.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { defaultDeviceClaim } from './device-spec/device-defaults.js';
import { checkImmutable } from './shared/immutable.js';

export const resourceClaimTemplate = defineKind<ResourceClaimTemplate>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  plural: 'resourceclaimtemplates',
  scope: 'Namespaced',
  type: 'k8s.io/api/resource/v1.ResourceClaimTemplate',
  columns: [nameColumn, ageColumn],

  defaults: ({ spec }) => defaultDeviceClaim(spec?.spec?.devices),

  prepareForCreate(draft) {
    dropDisabledClaimFields(draft.spec.spec.devices);
  },

  validateWithin({ metadata, spec }, reader, report) {
    const owner = reader.get(namespace, metadata.namespace ?? '');
    // Upstream names the path of a claim.
    checkAdminAccess(report, 'spec.devices', spec.spec.devices ?? {}, owner);
  },
  validate({ spec }, report) {
    checkTemplateMetadata(report, 'spec.metadata', spec.metadata);
    checkDeviceClaim(report, 'spec.spec.devices', spec.spec.devices ?? {});
  },
  validateUpdate: ({ spec }, old, report) =>
    checkImmutable(report, 'spec', [spec, old.spec], internalForm('ResourceClaimTemplateSpec', spec)),
});
