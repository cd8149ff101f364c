import type { Lease } from '../machinery/api/coordination-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';

export const lease = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  type: 'k8s.io/api/coordination/v1.Lease',
  columns: [nameColumn, { name: 'Holder', type: 'string', value: ({ spec }) => spec?.holderIdentity ?? '' }, ageColumn],
  createsOnUpdate: true,
  allowsUnconditionalUpdate: false,
});
