import type { PodTemplate } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { containerColumns, nameColumn } from './pod-spec/workload-columns.js';
import { labelsText } from './pod-spec/selector-text.js';

export const podTemplate = defineKind<PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.PodTemplate',
  countsGenerations: true,
  columns: [
    nameColumn,
    ...containerColumns<PodTemplate>(({ template }) => template?.spec?.containers ?? []).map((each) => ({
      ...each,
      priority: 0,
    })),
    { name: 'Pod Labels', type: 'string', value: ({ template }) => labelsText(template?.metadata?.labels) || '<none>' },
  ],
});
