import type { Service, ServiceStatus } from '../machinery/api/core-v1.js';
import type { Kind } from '../machinery/kind.js';
import { defineKind } from '../machinery/kind.js';
import { dns1035LabelFaults, maskTrailingDash } from '../machinery/names.js';
import type { Draft } from '../machinery/object.js';
import { deepClone } from '../machinery/structure.js';
import { allocateClusterIPs, releaseClusterIPs } from './service-spec/cluster-ip-allocation.js';
import { defaultService } from './service-spec/defaults.js';
import { initialiseFamilies } from './service-spec/ip-families.js';
import { allocateNodePorts, servicesByNodePort, updateNodePorts } from './service-spec/node-port-allocation.js';
import { needsClusterIP } from './service-spec/service-traits.js';
import { validateServiceStatus } from './service-spec/status-validation.js';
import { alignClusterIPs, dropMeaningless, keepAllocated } from './service-spec/update.js';
import { validateService, validateServiceUpdate } from './service-spec/validation.js';
import { serviceWarnings } from './service-spec/warnings.js';
import { ageColumn, formatLabels, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';

export const service: Kind<Service> = defineKind<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  scope: 'Namespaced',
  type: 'k8s.io/api/core/v1.Service',
  subresources: [
    {
      name: 'proxy',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
      responseKind: { group: '', version: 'v1', kind: 'ServiceProxyOptions' },
    },
    statusSubresource,
  ],
  columns: [
    nameColumn,
    { name: 'Type', type: 'string', value: ({ spec }) => spec?.type ?? '' },
    { name: 'Cluster-IP', type: 'string', value: ({ spec }) => spec?.clusterIPs?.[0] ?? '<none>' },
    { name: 'External-IP', type: 'string', value: externalAddresses },
    { name: 'Port(s)', type: 'string', value: portTexts },
    ageColumn,
    { name: 'Selector', type: 'string', priority: 1, value: ({ spec }) => formatLabels(spec?.selector) },
  ],
  selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec?.clusterIP ?? '', 'spec.type': spec?.type ?? '' }),
  createsOnUpdate: true,
  indexes: [servicesByNodePort],

  defaults: defaultService,

  // Addresses and ports are taken before validation, as upstream does: what it then finds wrong takes nothing.
  prepareForCreate(draft, context) {
    draft.status = { loadBalancer: {} };
    dropUnusedPolicy(draft);
    alignClusterIPs(draft, undefined);
    initialiseFamilies(draft, undefined);
    allocateClusterIPs(draft, context);
    allocateNodePorts(service, draft, context);
  },
  prepareForUpdate(draft, old, context) {
    dropUnusedPolicy(draft);
    keepAllocated(draft, old);
    alignClusterIPs(draft, old);
    initialiseFamilies(draft, old);
    if (!needsClusterIP(old)) allocateClusterIPs(draft, context);
    else if (!needsClusterIP(draft)) releaseClusterIPs(old, context);
    updateNodePorts(service, draft, old, context);
    draft.status = deepClone(old.status ?? {}) as Draft<ServiceStatus>;
    dropMeaningless(draft, old);
  },
  release: releaseClusterIPs,

  validateName: (name, isPrefix) => dns1035LabelFaults(isPrefix ? maskTrailingDash(name) : name),
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatus,
  warnings: serviceWarnings,
});

function externalAddresses({ spec, status }: Service): string {
  const external = spec?.externalIPs ?? [];
  switch (spec?.type) {
    case 'ExternalName':
      return spec.externalName ?? '';
    case 'LoadBalancer': {
      const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
      const balancers = [...new Set(ingress.filter((each) => each !== ''))].toSorted();
      return [...balancers, ...external].join(',') || '<pending>';
    }
    case 'ClusterIP':
    case 'NodePort':
      return external.join(',') || '<none>';
    default:
      return '<unknown>';
  }
}

function portTexts({ spec }: Service): string {
  const texts = (spec?.ports ?? []).map(({ port, nodePort = 0, protocol }) =>
    nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return texts.join(',') || '<none>';
}

/** Upstream stores it, and shows it to nobody. */
function dropUnusedPolicy({ spec }: Draft<Service>): void {
  if (spec.type === 'ExternalName') delete spec.internalTrafficPolicy;
}
