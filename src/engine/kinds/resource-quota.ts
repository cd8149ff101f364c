import type { ResourceQuota } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { roundResources } from './pod-spec/resource-lists.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { validateQuota, validateQuotaStatus, validateQuotaUpdate } from './shared/resource-quota-validation.js';
import { statusSubresource } from './shared/subresources.js';

export const resourceQuota = defineKind<ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.ResourceQuota',
  subresources: [statusSubresource],
  columns: [
    nameColumn,
    { name: 'Request', type: 'string', value: (quota) => usage(quota, false) },
    { name: 'Limit', type: 'string', value: (quota) => usage(quota, true) },
    ageColumn,
  ],

  defaults({ spec, status }) {
    roundResources(spec?.hard);
    roundResources(status?.hard);
    roundResources(status?.used);
  },
  prepareForCreate(draft) {
    draft.status = {};
  },

  validate: validateQuota,
  validateUpdate: validateQuotaUpdate,
  validateStatusUpdate: (object, _old, report) => validateQuotaStatus(object, report),
});

/** `pods: 1/10, …`: what is used of each hard limit, sorted by name. */
function usage({ status }: ResourceQuota, isLimit: boolean): string {
  const { hard = {}, used = {} } = status ?? {};
  return Object.keys(hard)
    .filter((name) => name.startsWith('limits.') === isLimit)
    .toSorted()
    .map((name) => `${name}: ${used[name] ?? '0'}/${hard[name] ?? '0'}`)
    .join(', ');
}
