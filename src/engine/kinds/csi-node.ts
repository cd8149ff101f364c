import type { CSINode } from '../machinery/api/storage-v1.js';
import type { Draft } from '../machinery/object.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { validateNodeDrivers, validateNodeDriversUpdate } from './storage-spec/csi-validation.js';

export const csiNode = defineKind<CSINode>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  scope: 'Cluster',
  type: 'k8s.io/api/storage/v1.CSINode',
  columns: [
    nameColumn,
    { name: 'Drivers', type: 'integer', value: ({ spec }) => spec.drivers?.length ?? 0 },
    ageColumn,
  ],
  allowsUnconditionalUpdate: false,

  prepareForCreate: dropEmptyLists,
  prepareForUpdate: dropEmptyLists,

  validate: validateNodeDrivers,
  validateUpdate: validateNodeDriversUpdate,
});

/** What upstream stores of an empty list is none. */
function dropEmptyLists({ spec }: Draft<CSINode>): void {
  if (spec.drivers?.length === 0) spec.drivers = null;
  for (const driver of spec.drivers ?? []) if (driver.topologyKeys?.length === 0) driver.topologyKeys = null;
}
