import type { StorageClass } from '../machinery/api/storage-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn } from './shared/columns.js';
import { validateStorageClass, validateStorageClassUpdate } from './storage-spec/class-validation.js';

const IS_DEFAULT_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';
const IS_DEFAULT_BETA_ANNOTATION = 'storageclass.beta.kubernetes.io/is-default-class';

export const storageClass = defineKind<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  shortNames: ['sc'],
  scope: 'Cluster',
  type: 'k8s.io/api/storage/v1.StorageClass',
  columns: [
    { name: 'Name', type: 'string', format: 'name', value: shownName },
    { name: 'Provisioner', type: 'string', value: ({ provisioner }) => provisioner },
    { name: 'ReclaimPolicy', type: 'string', value: ({ reclaimPolicy = 'Delete' }) => reclaimPolicy },
    { name: 'VolumeBindingMode', type: 'string', value: ({ volumeBindingMode = 'Immediate' }) => volumeBindingMode },
    { name: 'AllowVolumeExpansion', type: 'string', value: ({ allowVolumeExpansion = false }) => allowVolumeExpansion },
    ageColumn,
  ],

  defaults(draft) {
    draft.reclaimPolicy ??= 'Delete';
    draft.volumeBindingMode ??= 'Immediate';
  },

  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
});

function shownName({ metadata: { name, annotations = {} } }: StorageClass): string {
  const isDefault = annotations[IS_DEFAULT_ANNOTATION] === 'true' || annotations[IS_DEFAULT_BETA_ANNOTATION] === 'true';
  return isDefault ? `${name} (default)` : name;
}
