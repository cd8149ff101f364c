import type { PodTemplate } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { containerColumns } from './pod-spec/workload-columns.js';
import { formatLabels, nameColumn } from './shared/columns.js';
import { deepEqual } from '../machinery/equality.js';
import { defaultTemplate } from './pod-spec/defaults.js';
import { prepareTemplate } from './pod-spec/pod-preparation.js';
import { checkPodTemplate } from './pod-spec/pod-template-rules.js';
import { podWarnings } from './pod-spec/pod-warnings.js';
import { isChanged } from './pod-spec/workload-rules.js';

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
    { name: 'Pod Labels', type: 'string', value: ({ template }) => formatLabels(template?.metadata?.labels) },
  ],

  defaults: ({ template }) => defaultTemplate(template),
  prepareForCreate: ({ template }) => prepareTemplate(template),
  prepareForUpdate: ({ template }, old) => prepareTemplate(template, old.template),
  raisesGeneration: (object, old) => !deepEqual(object.template, old.template),
  validate: ({ template }, report) => checkPodTemplate(report, 'template', template ?? {}),
  validateUpdate: ({ template }, old, report) => checkPodTemplate(report, 'template', template ?? {}, old.template),

  warnings(object, old) {
    if (!isChanged(object, old)) return [];
    return podWarnings(object.template?.spec ?? { containers: [] }, object.template?.metadata, 'template.');
  },
});
