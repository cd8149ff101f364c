import type { MutatingWebhookConfiguration } from '../machinery/api/admissionregistration-v1.js';
import { defineKind } from '../machinery/kind.js';
import { ageColumn, nameColumn } from './shared/columns.js';

export const mutatingWebhookConfiguration = defineKind<MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  scope: 'Cluster',
  type: 'k8s.io/api/admissionregistration/v1.MutatingWebhookConfiguration',
  columns: [
    nameColumn,
    { name: 'Webhooks', type: 'integer', value: ({ webhooks = [] }) => webhooks.length },
    ageColumn,
  ],
  countsGenerations: true,
  allowsUnconditionalUpdate: false,
});
