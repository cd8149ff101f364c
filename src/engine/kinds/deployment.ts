import type { Deployment } from '../machinery/api/apps-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, containerColumns, nameColumn, selectorColumn } from './pod-spec/workload-columns.js';
import { selectorText } from './pod-spec/selector-text.js';

export const deployment = defineKind<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/apps/v1.Deployment',
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
    {
      name: 'Ready',
      type: 'string',
      value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    { name: 'Up-to-date', type: 'string', value: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: 'Available', type: 'string', value: ({ status }) => status?.availableReplicas ?? 0 },
    ageColumn,
    ...containerColumns<Deployment>(({ spec }) => spec.template?.spec?.containers ?? []),
    selectorColumn<Deployment>(({ spec }) => spec.selector),
  ],
  scale: {
    replicas: ({ spec }) => spec.replicas ?? 0,
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => selectorText(spec.selector),
    withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
  },
});
