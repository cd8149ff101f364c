import type { RuntimeClass } from '../machinery/api/node-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';

export const runtimeClass = defineKind<RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  scope: 'Cluster',
  type: 'k8s.io/api/node/v1.RuntimeClass',
  columns: [nameColumn, { name: 'Handler', type: 'string', value: ({ handler }) => handler }, ageColumn],
  createsOnUpdate: true,
  allowsUnconditionalUpdate: false,
});
