import type { MutatingWebhookConfiguration } from '../machinery/api/admissionregistration-v1.js';
import { deepEqual } from '../machinery/equality.js';
import { defineKind } from '../machinery/kind.js';
import { checkWebhooks } from './admission-spec/webhook-rules.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { defaultWebhook } from './shared/webhook-defaults.js';

export const mutatingWebhookConfiguration = defineKind<MutatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  scope: 'Cluster',
  metadataRules: 'machinery',
  type: 'k8s.io/api/admissionregistration/v1.MutatingWebhookConfiguration',
  columns: [
    nameColumn,
    { name: 'Webhooks', type: 'integer', value: ({ webhooks = [] }) => webhooks.length },
    ageColumn,
  ],
  countsGenerations: true,
  allowsUnconditionalUpdate: false,
  raisesGeneration: (object, old) => !deepEqual(object.webhooks, old.webhooks),

  defaults({ webhooks = [] }) {
    for (const webhook of webhooks) {
      defaultWebhook(webhook);
      webhook.reinvocationPolicy ??= 'Never';
    }
  },

  validate: ({ webhooks }, report) => checkWebhooks(report, webhooks),
  validateUpdate: (object, old, report) => checkWebhooks(report, object.webhooks, old.webhooks ?? []),
});
