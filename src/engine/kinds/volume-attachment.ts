import type { VolumeAttachment } from '../machinery/api/storage-v1.js';
import { deepEqual } from '../machinery/equality.js';
import { forbidden, invalid, required } from '../machinery/field-error.js';
import type { Report } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { dns1123SubdomainFaults } from '../machinery/names.js';
import { reportFaults } from './pod-spec/checks.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { IMMUTABLE } from './shared/immutable.js';
import { statusSubresource } from './shared/subresources.js';
import { checkDriverName } from './storage-spec/driver-name.js';
import { validateInlineVolume } from './storage-spec/volume-validation.js';
import { defaultLegacySource } from './pod-spec/volume-defaults.js';
import { roundResources } from './pod-spec/resource-lists.js';

export const volumeAttachment = defineKind<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  scope: 'Cluster',
  type: 'k8s.io/api/storage/v1.VolumeAttachment',
  subresources: [statusSubresource],
  statusKeepsMetadata: true,
  columns: [
    nameColumn,
    { name: 'Attacher', type: 'string', format: 'name', value: ({ spec }) => spec.attacher },
    { name: 'PV', type: 'string', value: ({ spec }) => spec.source.persistentVolumeName ?? '' },
    { name: 'Node', type: 'string', value: ({ spec }) => spec.nodeName },
    { name: 'Attached', type: 'boolean', value: ({ status }) => status?.attached ?? false },
    ageColumn,
  ],
  allowsUnconditionalUpdate: false,

  defaults({ spec }) {
    const inline = spec.source.inlineVolumeSpec;
    if (inline === undefined) return;
    if (inline.hostPath !== undefined) inline.hostPath.type ??= '';
    defaultLegacySource(inline);
    roundResources(inline.capacity);
  },
  prepareForCreate(draft) {
    draft.status = { attached: false };
  },

  validate(object, report) {
    validateSpec(object, report);
    // The stricter rules of v1.
    checkDriverName(report, 'spec.attacher', object.spec.attacher);
    const volume = object.spec.source.persistentVolumeName;
    if (volume !== undefined) {
      reportFaults(report, 'spec.source.persistentVolumeName', volume, dns1123SubdomainFaults(volume));
    }
  },
  validateUpdate(object, old, report) {
    validateSpec(object, report);
    if (deepEqual(object.spec, old.spec)) return;
    const { attacher, source, nodeName } = object.spec;
    const { persistentVolumeName = null, inlineVolumeSpec = null } = source;
    const printed = { PersistentVolumeName: persistentVolumeName, InlineVolumeSpec: inlineVolumeSpec };
    report(invalid('spec', { Attacher: attacher, Source: printed, NodeName: nodeName }, IMMUTABLE));
  },
});

function validateSpec({ spec: { attacher, source, nodeName } }: VolumeAttachment, report: Report): void {
  if (attacher === '') report(required('spec.attacher'));
  const { persistentVolumeName: volume, inlineVolumeSpec: inline } = source;
  const exactlyOne = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (volume === undefined && inline === undefined) report(required('spec.source', exactlyOne));
  else if (volume !== undefined && inline !== undefined) report(forbidden('spec.source', exactlyOne));
  else if (volume === '') {
    report(required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName'));
  } else if (inline !== undefined) {
    validateInlineVolume('spec.source.inlineVolumeSpec', inline, report);
  }
  reportFaults(report, 'spec.nodeName', nodeName, dns1123SubdomainFaults(nodeName));
}
