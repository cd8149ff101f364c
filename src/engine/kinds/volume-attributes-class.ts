import type { VolumeAttributesClass } from '../machinery/api/storage-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { validateAttributesClass, validateAttributesClassUpdate } from './storage-spec/class-validation.js';

export const volumeAttributesClass = defineKind<VolumeAttributesClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  plural: 'volumeattributesclasses',
  shortNames: ['vac'],
  scope: 'Cluster',
  type: 'k8s.io/api/storage/v1.VolumeAttributesClass',
  columns: [nameColumn, { name: 'DriverName', type: 'string', value: ({ driverName }) => driverName }, ageColumn],

  validate: validateAttributesClass,
  validateUpdate: validateAttributesClassUpdate,
});
