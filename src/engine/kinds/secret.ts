import type { Secret } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';

export const secret = defineKind<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.Secret',
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', value: ({ type }) => type ?? '' },
    { name: 'Data', type: 'string', value: ({ data = {} }) => Object.keys(data).length },
    ageColumn,
  ],
  selectableFields: ({ type }) => ({ type: type ?? '' }),
});
