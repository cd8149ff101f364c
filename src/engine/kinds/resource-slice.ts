import type { ResourceSlice } from '../machinery/api/resource-v1.js';
import { defineKind } from '../machinery/kind.js';
import { goQuote } from '../machinery/go-text.js';
import { dropDisabledSliceFields } from './device-spec/disabled-fields.js';
import { checkSlice } from './device-spec/slice-rules.js';
import { ageColumn, nameColumn } from './shared/columns.js';

export const resourceSlice = defineKind<ResourceSlice>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  plural: 'resourceslices',
  scope: 'Cluster',
  type: 'k8s.io/api/resource/v1.ResourceSlice',
  columns: [
    nameColumn,
    { name: 'Node', type: 'string', value: ({ spec }) => spec.nodeName ?? '' },
    { name: 'Driver', type: 'string', value: ({ spec }) => spec.driver },
    { name: 'Pool', type: 'string', value: ({ spec }) => spec.pool.name },
    ageColumn,
  ],
  selectableFields: ({ spec }) => ({ 'spec.nodeName': spec.nodeName ?? '', 'spec.driver': spec.driver }),
  countsGenerations: true,

  prepareForCreate: dropDisabledSliceFields,
  prepareForUpdate: dropDisabledSliceFields,

  validate: (object, report) => checkSlice(object, report),
  validateUpdate: (object, old, report) => checkSlice(object, report, old),
  warnings({ spec: { driver } }) {
    if (driver === driver.toLowerCase()) return [];
    return [`spec.driver: driver names should be lowercase; ${goQuote(driver)} contains uppercase characters`];
  },
});
