import type { Pod } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { podsByNode, podsByOwner } from './pod-indexes.js';
import { finishedConditions, podSummary, readinessGatesText, restartsText } from './pod-spec/pod-columns.js';
import { alikePodSpecs } from './pod-spec/alike-pod-specs.js';
import { defaultPod } from './pod-spec/defaults.js';
import { dropDisabledFields, preparePod } from './pod-spec/pod-preparation.js';
import { checkNewPod } from './pod-spec/pod-rules.js';
import { checkPodStatusUpdate, preparePodStatus } from './pod-spec/pod-status-rules.js';
import { checkPodUpdate } from './pod-spec/pod-update-rules.js';
import { podWarnings } from './pod-spec/pod-warnings.js';
import { hostnameWarnings } from './pod-spec/workload-rules.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { keepField } from './shared/immutable.js';
import { statusSubresource } from './shared/subresources.js';

export const pod = defineKind<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.Pod',
  subresources: [
    { name: 'attach', verbs: ['create', 'get'], responseKind: { group: '', version: 'v1', kind: 'PodAttachOptions' } },
    { name: 'binding', verbs: ['create'], responseKind: { group: '', version: 'v1', kind: 'Binding' } },
    { name: 'ephemeralcontainers', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', verbs: ['create'], responseKind: { group: 'policy', version: 'v1', kind: 'Eviction' } },
    { name: 'exec', verbs: ['create', 'get'], responseKind: { group: '', version: 'v1', kind: 'PodExecOptions' } },
    { name: 'log', verbs: ['get'] },
    {
      name: 'portforward',
      verbs: ['create', 'get'],
      responseKind: { group: '', version: 'v1', kind: 'PodPortForwardOptions' },
    },
    {
      name: 'proxy',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      responseKind: { group: '', version: 'v1', kind: 'PodProxyOptions' },
    },
    { name: 'resize', verbs: ['get', 'patch', 'update'] },
    statusSubresource,
  ],
  countsGenerations: true,
  columns: [
    nameColumn,
    { name: 'Ready', type: 'string', value: (object) => podSummary(object).ready },
    { name: 'Status', type: 'string', value: (object) => podSummary(object).status },
    { name: 'Restarts', type: 'string', value: (object, context) => restartsText(podSummary(object), context) },
    ageColumn,
    { name: 'IP', type: 'string', priority: 1, value: ({ status }) => status?.podIPs?.[0]?.ip || '<none>' },
    { name: 'Node', type: 'string', priority: 1, value: ({ spec }) => spec.nodeName || '<none>' },
    {
      name: 'Nominated Node',
      type: 'string',
      priority: 1,
      value: ({ status }) => status?.nominatedNodeName || '<none>',
    },
    { name: 'Readiness Gates', type: 'string', priority: 1, value: readinessGatesText },
  ],
  rowConditions: ({ status }) => finishedConditions(status?.phase),
  indexes: [podsByNode, podsByOwner],

  selectableFields({ spec, status }) {
    return {
      'spec.nodeName': spec.nodeName ?? '',
      // What the oldest clients call it.
      'spec.host': spec.nodeName ?? '',
      'spec.restartPolicy': spec.restartPolicy ?? '',
      'spec.schedulerName': spec.schedulerName ?? '',
      'spec.serviceAccountName': spec.serviceAccountName ?? '',
      'spec.hostNetwork': String(spec.hostNetwork ?? false),
      'status.phase': status?.phase ?? '',
      'status.podIP': status?.podIPs?.[0]?.ip ?? '',
      'status.nominatedNodeName': status?.nominatedNodeName ?? '',
      // Upstream takes this one, and finds nothing by it.
      'status.podIPs': '',
    };
  },

  gracePeriodSeconds({ spec, status }, requested) {
    if (spec.nodeName === undefined || spec.nodeName === '') return 0;
    if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return 0;
    const period = requested ?? spec.terminationGracePeriodSeconds ?? 0;
    return period < 0 ? 1 : period;
  },

  alikeSpecs: alikePodSpecs,
  defaults: defaultPod,
  prepareForCreate: preparePod,

  prepareForUpdate(draft, old) {
    keepField(draft, 'status', old);
    dropDisabledFields(draft.spec, old.spec);
  },

  prepareForStatusUpdate: preparePodStatus,
  validate: (object, report) => checkNewPod(report, object),
  validateUpdate: (object, old, report) => checkPodUpdate(report, object, old),
  validateStatusUpdate: (object, old, report) => checkPodStatusUpdate(report, object, old),

  warnings(object, old) {
    if (old !== undefined) return [];
    return [
      ...hostnameWarnings(object.metadata.name, "the Pod's hostname"),
      ...podWarnings(object.spec, object.metadata),
    ];
  },
});
