import type { ValidatingWebhookConfiguration } from '../machinery/api/admissionregistration-v1.js';
import { deepEqual } from '../machinery/equality.js';
import { defineKind } from '../machinery/kind.js';
import { checkWebhooks } from './admission-spec/webhook-rules.js';
import { ageColumn, nameColumn } from './shared/columns.js';
import { defaultWebhook } from './shared/webhook-defaults.js';

export const validatingWebhookConfiguration = defineKind<ValidatingWebhookConfiguration>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  categories: ['api-extensions'],
  scope: 'Cluster',
  metadataRules: 'machinery',
  type: 'k8s.io/api/admissionregistration/v1.ValidatingWebhookConfiguration',
  columns: [
    nameColumn,
    { name: 'Webhooks', type: 'integer', value: ({ webhooks = [] }) => webhooks.length },
    ageColumn,
  ],
  countsGenerations: true,
  allowsUnconditionalUpdate: false,
  raisesGeneration: (object, old) => !deepEqual(object.webhooks, old.webhooks),

  defaults({ webhooks = [] }) {
    for (const webhook of webhooks) defaultWebhook(webhook);
  },

  validate: ({ webhooks }, report) => checkWebhooks(report, webhooks),
  validateUpdate: (object, old, report) => checkWebhooks(report, object.webhooks, old.webhooks ?? []),
});
