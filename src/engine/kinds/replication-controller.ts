import type { ReplicationController } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, containerColumns, nameColumn } from './pod-spec/workload-columns.js';
import { labelsText } from './pod-spec/selector-text.js';

export const replicationController = defineKind<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.ReplicationController',
  subresources: [
    {
      name: 'scale',
      verbs: ['get', 'patch', 'update'],
      responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
    },
    { name: 'status', verbs: ['get', 'patch', 'update'] },
  ],
  countsGenerations: true,
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', value: ({ spec }) => spec.replicas ?? 0 },
    { name: 'Current', type: 'integer', value: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', value: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn,
    ...containerColumns<ReplicationController>(({ spec }) => spec.template?.spec?.containers ?? []),
    { name: 'Selector', type: 'string', priority: 1, value: ({ spec }) => labelsText(spec.selector) || '<none>' },
  ],
  scale: {
    replicas: ({ spec }) => spec.replicas ?? 0,
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => labelsText(spec.selector),
    withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
  },
  defaultPropagation: 'Orphan',

  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
});
