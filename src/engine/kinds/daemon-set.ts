import type { DaemonSet } from '../machinery/api/apps-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, containerColumns, nameColumn, selectorColumn } from './pod-spec/workload-columns.js';
import { labelsText } from './pod-spec/selector-text.js';

export const daemonSet = defineKind<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/apps/v1.DaemonSet',
  subresources: [{ name: 'status', verbs: ['get', 'patch', 'update'] }],
  countsGenerations: true,
  columns: [
    nameColumn,
    { name: 'Desired', type: 'integer', value: ({ status }) => status?.desiredNumberScheduled ?? 0 },
    { name: 'Current', type: 'integer', value: ({ status }) => status?.currentNumberScheduled ?? 0 },
    { name: 'Ready', type: 'integer', value: ({ status }) => status?.numberReady ?? 0 },
    { name: 'Up-to-date', type: 'integer', value: ({ status }) => status?.updatedNumberScheduled ?? 0 },
    { name: 'Available', type: 'integer', value: ({ status }) => status?.numberAvailable ?? 0 },
    {
      name: 'Node Selector',
      type: 'string',
      value: ({ spec }) => labelsText(spec.template.spec?.nodeSelector) || '<none>',
    },
    ageColumn,
    ...containerColumns<DaemonSet>(({ spec }) => spec.template?.spec?.containers ?? []),
    selectorColumn<DaemonSet>(({ spec }) => spec.selector),
  ],
});
