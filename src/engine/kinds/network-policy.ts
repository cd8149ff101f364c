import type { NetworkPolicy } from '../machinery/api/networking-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { labelSelectorText } from './shared/label-selectors.js';

export const networkPolicy = defineKind<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  scope: 'Namespaced',
  type: 'k8s.io/api/networking/v1.NetworkPolicy',
  columns: [
    nameColumn,
    { name: 'Pod-Selector', type: 'string', value: ({ spec }) => labelSelectorText(spec?.podSelector) },
    ageColumn,
  ],
  countsGenerations: true,
});
