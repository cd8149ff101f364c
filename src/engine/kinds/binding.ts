import type { Binding } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { notSupported, required } from '../machinery/field-error.js';

export const binding = defineKind<Binding>({
  group: '',
  version: 'v1',
  kind: 'Binding',
  plural: 'bindings',
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.Binding',
  columns: [nameColumn, ageColumn],
  verbs: ['create'],
  isVirtual: true,

  validate({ target }, report) {
    const { kind = '', name = '' } = target;
    if (kind !== '' && kind !== 'Node') report(notSupported('target.kind', kind, ['Node', '<empty>']));
    if (name === '') report(required('target.name'));
  },
});
