import type { IngressClass } from '../machinery/api/networking-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';

export const ingressClass = defineKind<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
  type: 'k8s.io/api/networking/v1.IngressClass',
  columns: [
    nameColumn,
    { name: 'Controller', type: 'string', value: ({ spec }) => spec?.controller ?? '' },
    { name: 'Parameters', type: 'string', value: parameters },
    ageColumn,
  ],
  countsGenerations: true,
});

function parameters({ spec }: IngressClass): string {
  if (spec?.parameters === undefined) return '<none>';
  const { apiGroup, kind, name } = spec.parameters;
  return apiGroup === undefined ? `${kind}/${name}` : `${kind}.${apiGroup}/${name}`;
}
