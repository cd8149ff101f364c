import type { ResourceClaim } from '../machinery/api/resource-v1.js';
import { defineKind } from '../machinery/kind.js';
import { checkAdminAccess, checkDeviceClaim } from './device-spec/claim-rules.js';
import { prepareClaimStatus } from './device-spec/claim-status-preparation.js';
import { checkClaimStatus } from './device-spec/claim-status-rules.js';
import { dropDisabledClaimFields } from './device-spec/disabled-fields.js';
import { namespace } from './namespace.js';
import { internalForm } from './pod-spec/internal-form.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { defaultDeviceClaim } from './device-spec/device-defaults.js';
import { checkImmutable } from './shared/immutable.js';
import { statusSubresource } from './shared/subresources.js';

export const resourceClaim = defineKind<ResourceClaim>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  plural: 'resourceclaims',
  scope: 'Namespaced',
  type: 'k8s.io/api/resource/v1.ResourceClaim',
  subresources: [statusSubresource],
  columns: [nameColumn, { name: 'State', type: 'string', value: state }, ageColumn],

  defaults: ({ spec }) => defaultDeviceClaim(spec?.devices),
  prepareForCreate(draft) {
    draft.status = {};
    dropDisabledClaimFields(draft.spec.devices);
  },

  prepareForStatusUpdate: prepareClaimStatus,

  validateWithin({ metadata, spec }, reader, report) {
    checkAdminAccess(report, 'spec.devices', spec.devices ?? {}, reader.get(namespace, metadata.namespace ?? ''));
  },
  validate: ({ spec }, report) => checkDeviceClaim(report, 'spec.devices', spec.devices ?? {}),
  validateUpdate: ({ spec }, old, report) =>
    checkImmutable(report, 'spec', [spec, old.spec], internalForm('ResourceClaimSpec', spec)),
  validateStatusUpdate: checkClaimStatus,
});

function state({ metadata, status }: ResourceClaim): string {
  const isDeleted = metadata.deletionTimestamp !== undefined;
  if (status?.allocation === undefined) return isDeleted ? 'deleted' : 'pending';
  const states = isDeleted ? ['deleted', 'allocated'] : ['allocated'];
  if ((status.reservedFor ?? []).length > 0) states.push('reserved');
  return states.join(',');
}
