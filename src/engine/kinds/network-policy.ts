import { networkPolicyWarnings } from './networking-spec/network-policy-warnings.js';
import type { NetworkPolicy } from '../machinery/api/networking-v1.js';
import { defineKind } from '../machinery/kind.js';
import { validateNetworkPolicy } from './networking-spec/network-policy-validation.js';
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

  defaults({ spec }) {
    if (spec === undefined) return;
    const rules = [...(spec.ingress ?? []), ...(spec.egress ?? [])];
    for (const port of rules.flatMap(({ ports = [] }) => ports)) port.protocol ??= 'TCP';
    if ((spec.policyTypes ?? []).length > 0) return;
    spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  },

  validate: (object, report) => validateNetworkPolicy(object, undefined, report),
  validateUpdate: (object, old, report) => validateNetworkPolicy(object, old, report),
  warnings: networkPolicyWarnings,
});
