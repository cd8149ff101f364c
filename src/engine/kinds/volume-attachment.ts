import type { VolumeAttachment } from '../machinery/api/storage-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';

export const volumeAttachment = defineKind<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  scope: 'Cluster',
  type: 'k8s.io/api/storage/v1.VolumeAttachment',
  subresources: [statusSubresource],
  columns: [
    nameColumn,
    { name: 'Attacher', type: 'string', format: 'name', value: ({ spec }) => spec.attacher },
    { name: 'PV', type: 'string', value: ({ spec }) => spec.source.persistentVolumeName ?? '' },
    { name: 'Node', type: 'string', value: ({ spec }) => spec.nodeName },
    { name: 'Attached', type: 'boolean', value: ({ status }) => status?.attached ?? false },
    ageColumn,
  ],
  allowsUnconditionalUpdate: false,
});
