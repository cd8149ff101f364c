import type { Binding } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './pod-spec/workload-columns.js';

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
});
