import type { Ingress } from '../machinery/api/networking-v1.js';
import { defineKind } from '../machinery/kind.js';
import { validateIngress, validateIngressStatus, validateIngressUpdate } from './networking-spec/ingress-validation.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { statusSubresource } from './shared/subresources.js';

const HOSTS_SHOWN_MAX = 3;
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

export const ingress = defineKind<Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  scope: 'Namespaced',
  type: 'k8s.io/api/networking/v1.Ingress',
  subresources: [statusSubresource],
  columns: [
    nameColumn,
    { name: 'Class', type: 'string', value: ({ spec }) => spec?.ingressClassName ?? '<none>' },
    { name: 'Hosts', type: 'string', value: hosts },
    { name: 'Address', type: 'string', value: addresses },
    { name: 'Ports', type: 'string', value: ({ spec }) => ((spec?.tls ?? []).length > 0 ? '80, 443' : '80') },
    ageColumn,
  ],
  countsGenerations: true,

  prepareForCreate(draft) {
    draft.status = { loadBalancer: {} };
  },

  validate: validateIngress,
  validateUpdate: validateIngressUpdate,
  validateStatusUpdate: validateIngressStatus,
  warnings({ metadata, spec }, old) {
    const isNew =
      old === undefined &&
      metadata.annotations?.[CLASS_ANNOTATION] !== undefined &&
      spec?.ingressClassName === undefined;
    return isNew ? [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`] : [];
  },
});

function hosts({ spec }: Ingress): string {
  const rules = spec?.rules ?? [];
  const named: string[] = [];
  let hasMore = false;
  for (const { host = '' } of rules) {
    if (named.length === HOSTS_SHOWN_MAX) hasMore = true;
    if (!hasMore && host !== '') named.push(host);
  }
  if (named.length === 0) return '*';
  return hasMore ? `${named.join(',')} + ${rules.length - HOSTS_SHOWN_MAX} more...` : named.join(',');
}

function addresses({ status }: Ingress): string {
  const found = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
  return [...new Set(found.filter((each) => each !== ''))].toSorted().join(',');
}
