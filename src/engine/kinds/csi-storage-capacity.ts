import type { CSIStorageCapacity } from '../machinery/api/storage-v1.js';
import { defineKind } from '../machinery/kind.js';
import { createdAtColumn, nameColumn } from './shared/columns.js';
import { validateStorageCapacity, validateStorageCapacityUpdate } from './storage-spec/csi-validation.js';

export const csiStorageCapacity = defineKind<CSIStorageCapacity>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  plural: 'csistoragecapacities',
  scope: 'Namespaced',
  type: 'k8s.io/api/storage/v1.CSIStorageCapacity',
  columns: [nameColumn, createdAtColumn],
  allowsUnconditionalUpdate: false,

  validate: validateStorageCapacity,
  validateUpdate: validateStorageCapacityUpdate,
});
