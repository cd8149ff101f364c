import type { Namespace } from '../machinery/api/core-v1.js';
import { invalid } from '../machinery/field-error.js';
import { defineKind } from '../machinery/kind.js';
import { dns1123LabelFaults, maskTrailingDash } from '../machinery/names.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { checkFinalizerName } from './shared/finalizers.js';
import { keepField } from './shared/immutable.js';
import { statusSubresource } from './shared/subresources.js';

const NAME_LABEL = 'kubernetes.io/metadata.name';
const FINALIZER = 'kubernetes';

export const namespace = defineKind<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  scope: 'Cluster',
  type: 'k8s.io/api/core/v1.Namespace',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: [{ name: 'finalize', verbs: ['update'] }, statusSubresource],
  columns: [nameColumn, { name: 'Status', type: 'string', value: ({ status }) => status?.phase ?? '' }, ageColumn],
  selectableFields: ({ status }) => ({ 'status.phase': status?.phase ?? '' }),

  defaults({ metadata, status }) {
    if ((metadata.name ?? '') !== '') (metadata.labels ??= {})[NAME_LABEL] = metadata.name;
    if (status !== undefined) status.phase ||= 'Active';
  },
  prepareForCreate(draft) {
    draft.status = { phase: 'Active' };
    (draft.metadata.labels ??= {})[NAME_LABEL] = draft.metadata.name;
    const finalizers = (draft.spec.finalizers ??= []);
    if (!finalizers.includes(FINALIZER)) finalizers.push(FINALIZER);
  },
  prepareForUpdate(draft, old) {
    keepField(draft, 'spec', old);
    keepField(draft, 'status', old);
  },

  validateName: (name, isPrefix) => dns1123LabelFaults(isPrefix ? maskTrailingDash(name) : name),
  validate({ spec }, report) {
    for (const finalizer of spec.finalizers ?? []) checkFinalizerName(report, 'spec.finalizers', finalizer);
  },
  validateStatusUpdate({ metadata, status }, _old, report) {
    const phase = status?.phase ?? '';
    const isDeleted = metadata.deletionTimestamp !== undefined;
    if (phase === (isDeleted ? 'Terminating' : 'Active')) return;
    const when = isDeleted
      ? "'Terminating' if `deletionTimestamp` is not empty"
      : "'Active' if `deletionTimestamp` is empty";
    report(invalid('status.Phase', phase, `may only be ${when}`));
  },
});
