import { defaultLegacySource } from './pod-spec/volume-defaults.js';
import { volumeWarnings } from './storage-spec/volume-warnings.js';
import { timestamp } from '../kernel/clock.js';
import type { PersistentVolume } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { roundResources } from './pod-spec/resource-lists.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { keepField } from './shared/immutable.js';
import { statusSubresource } from './shared/subresources.js';
import { STORAGE_CLASS_ANNOTATION, accessModesText } from './shared/volumes.js';
import { validateVolume, validateVolumeUpdate } from './storage-spec/volume-validation.js';

export const persistentVolume = defineKind<PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  scope: 'Cluster',
  type: 'k8s.io/api/core/v1.PersistentVolume',
  subresources: [statusSubresource],
  columns: [
    nameColumn,
    { name: 'Capacity', type: 'string', value: ({ spec }) => spec?.capacity?.['storage'] ?? '0' },
    { name: 'Access Modes', type: 'string', value: ({ spec }) => accessModesText(spec?.accessModes) },
    { name: 'Reclaim Policy', type: 'string', value: ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? '' },
    {
      name: 'Status',
      type: 'string',
      value: ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    },
    {
      name: 'Claim',
      type: 'string',
      value: ({ spec }) =>
        spec?.claimRef === undefined ? '' : `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}`,
    },
    {
      name: 'StorageClass',
      type: 'string',
      value: ({ metadata, spec }) => metadata.annotations?.[STORAGE_CLASS_ANNOTATION] ?? spec?.storageClassName ?? '',
    },
    {
      name: 'VolumeAttributesClass',
      type: 'string',
      value: ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>',
    },
    { name: 'Reason', type: 'string', value: ({ status }) => status?.reason ?? '' },
    ageColumn,
    { name: 'VolumeMode', type: 'string', priority: 1, value: ({ spec }) => spec?.volumeMode ?? '<unset>' },
  ],

  defaults({ spec, status }) {
    if (status !== undefined) status.phase ||= 'Pending';
    spec.persistentVolumeReclaimPolicy ||= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    if (spec.hostPath !== undefined) spec.hostPath.type ??= '';
    defaultLegacySource(spec);
    roundResources(spec.capacity);
  },
  prepareForCreate(draft, { now }) {
    draft.status = { phase: 'Pending', lastPhaseTransitionTime: timestamp(now) };
  },
  // When a volume's phase began is the server's to say.
  prepareForStatusUpdate(draft, old, { now }) {
    keepField(draft, 'spec', old);
    const before = old.status?.phase ?? '';
    if (draft.status === undefined || draft.status.phase === before) return;
    if (draft.status.lastPhaseTransitionTime === old.status?.lastPhaseTransitionTime) {
      draft.status.lastPhaseTransitionTime = timestamp(now);
    }
  },

  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
  warnings: volumeWarnings,
});
