import type { ResourceClaimTemplate } from '../machinery/api/resource-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { defaultDeviceClaim } from './shared/device-defaults.js';
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

  validateUpdate: (object, old, report) => checkImmutable(report, 'spec', [object.spec, old.spec]),
});
