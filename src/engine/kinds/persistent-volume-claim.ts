import { fractionWarning, isFraction } from './pod-spec/fraction-warning.js';
import type { PersistentVolumeClaim } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { checkClaimSpec } from './pod-spec/claim-template-rules.js';
import { defaultClaimSpec } from './pod-spec/volume-defaults.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { keepField } from './shared/immutable.js';
import { statusSubresource } from './shared/subresources.js';
import { STORAGE_CLASS_ANNOTATION, accessModesText } from './shared/volumes.js';
import { alignDataSources } from './storage-spec/claim-sources.js';
import { validateClaimUpdate } from './storage-spec/claim-validation.js';

export const persistentVolumeClaim = defineKind<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.PersistentVolumeClaim',
  subresources: [statusSubresource],
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      value: ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    },
    { name: 'Volume', type: 'string', value: ({ spec }) => spec?.volumeName ?? '' },
    {
      name: 'Capacity',
      type: 'string',
      value: ({ spec, status }) => (isBound(spec) ? (status?.capacity?.['storage'] ?? '0') : ''),
    },
    {
      name: 'Access Modes',
      type: 'string',
      value: ({ spec, status }) => (isBound(spec) ? accessModesText(status?.accessModes) : ''),
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
    ageColumn,
    { name: 'VolumeMode', type: 'string', priority: 1, value: ({ spec }) => spec?.volumeMode ?? '<unset>' },
  ],

  defaults({ spec, status }) {
    if (status !== undefined) status.phase ||= 'Pending';
    defaultClaimSpec(spec);
  },
  prepareForCreate(draft) {
    draft.status = { phase: 'Pending' };
    alignDataSources(draft, undefined);
  },
  prepareForUpdate(draft, old) {
    keepField(draft, 'status', old);
    alignDataSources(draft, old);
  },

  validate: (object, report) => checkClaimSpec(report, 'spec', object.spec),
  validateUpdate: validateClaimUpdate,
  warnings({ metadata, spec }) {
    const warnings: string[] = [];
    if (metadata.annotations?.[STORAGE_CLASS_ANNOTATION] !== undefined) {
      const advice = 'deprecated since v1.8; use "storageClassName" attribute instead';
      warnings.push(`metadata.annotations[${STORAGE_CLASS_ANNOTATION}]: ${advice}`);
    }
    for (const what of ['requests', 'limits'] as const) {
      const amount = spec.resources?.[what]?.['storage'];
      if (isFraction(amount)) {
        warnings.push(fractionWarning(`spec.resources.${what}[storage]`, amount));
      }
    }
    return warnings;
  },
});

const isBound = (spec: PersistentVolumeClaim['spec']): boolean => (spec?.volumeName ?? '') !== '';
