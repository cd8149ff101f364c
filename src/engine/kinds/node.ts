import { cidrWarnings } from './shared/cidr-warnings.js';
import type { Node } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { deepClone } from '../machinery/structure.js';
import { validateNode, validateNodeUpdate } from './node-spec/validation.js';
import { roundResources } from './pod-spec/resource-lists.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { keepField } from './shared/immutable.js';
import { statusSubresource } from './shared/subresources.js';

const ROLE_PREFIX = 'node-role.kubernetes.io/';
const ROLE_LABEL = 'kubernetes.io/role';

export const node = defineKind<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  scope: 'Cluster',
  type: 'k8s.io/api/core/v1.Node',
  subresources: [
    {
      name: 'proxy',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      responseKind: { group: '', version: 'v1', kind: 'NodeProxyOptions' },
    },
    statusSubresource,
  ],
  columns: [
    nameColumn,
    { name: 'Status', type: 'string', value: readiness },
    { name: 'Roles', type: 'string', value: roles },
    ageColumn,
    { name: 'Version', type: 'string', value: ({ status }) => status?.nodeInfo?.kubeletVersion ?? '' },
    { name: 'Internal-IP', type: 'string', priority: 1, value: (node) => addressOf(node, 'InternalIP') },
    { name: 'External-IP', type: 'string', priority: 1, value: (node) => addressOf(node, 'ExternalIP') },
    { name: 'OS-Image', type: 'string', priority: 1, value: ({ status }) => status?.nodeInfo?.osImage || '<unknown>' },
    {
      name: 'Kernel-Version',
      type: 'string',
      priority: 1,
      value: ({ status }) => status?.nodeInfo?.kernelVersion || '<unknown>',
    },
    {
      name: 'Container-Runtime',
      type: 'string',
      priority: 1,
      value: ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>',
    },
  ],
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),

  defaults({ spec, status }) {
    if ((spec.podCIDR ?? '') !== '' && spec.podCIDR !== spec.podCIDRs?.[0]) spec.podCIDRs = [spec.podCIDR ?? ''];
    if (spec.podCIDRs?.[0] !== undefined) spec.podCIDR = spec.podCIDRs[0];
    if (status?.capacity !== undefined) status.allocatable ??= deepClone(status.capacity);
    roundResources(status?.capacity);
    roundResources(status?.allocatable);
  },
  // A node is registered with its status; only dynamic configuration is gone for good.
  prepareForCreate({ spec, status }) {
    delete spec.configSource;
    delete status?.config;
  },
  prepareForUpdate(draft, old) {
    keepField(draft, 'status', old);
    if (old.spec.configSource === undefined) delete draft.spec.configSource;
  },
  // Unlike other kinds', a node's status is written together with its labels and annotations.
  prepareForStatusUpdate(draft, old) {
    keepField(draft, 'spec', old);
  },

  validate: validateNode,
  // Upstream looks at a changed node as at a new one, too: what is wrong is said twice.
  validateUpdate(object, old, report) {
    validateNode(object, report);
    validateNodeUpdate(object, old, report);
  },
  validateStatusUpdate: validateNodeUpdate,
  warnings: ({ spec }) => [
    ...(spec.configSource === undefined ? [] : ['spec.configSource: the feature is removed']),
    ...((spec.externalID ?? '') === ''
      ? []
      : ['spec.externalID: this field is deprecated, and is unused by Kubernetes']),
    ...(spec.podCIDRs ?? []).flatMap((cidr, index) => cidrWarnings(`spec.podCIDRs[${index}]`, cidr)),
  ],
});

function readiness({ spec, status }: Node): string {
  const ready = status?.conditions?.findLast(({ type }) => type === 'Ready');
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

function roles({ metadata }: Node): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX)) found.add(key.slice(ROLE_PREFIX.length));
    else if (key === ROLE_LABEL) found.add(value);
  }
  found.delete('');
  return found.size === 0 ? '<none>' : [...found].toSorted().join(',');
}

const addressOf = ({ status }: Node, type: string): string =>
  status?.addresses?.find((each) => each.type === type)?.address ?? '<none>';
