import type { ServiceCIDR } from '../machinery/api/networking-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';

export const serviceCIDR = defineKind<ServiceCIDR>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  type: 'k8s.io/api/networking/v1.ServiceCIDR',
  subresources: [statusSubresource],
  columns: [
    nameColumn,
    { name: 'CIDRs', type: 'string', value: ({ spec }) => (spec?.cidrs ?? []).join(',') },
    ageColumn,
  ],
});
