import type { Service } from '../machinery/api/core-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, formatLabels, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';

export const service = defineKind<Service>({
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
