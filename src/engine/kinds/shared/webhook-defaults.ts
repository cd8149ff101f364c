/** The defaults that webhooks and policies of the admissionregistration group share. */
import type { MatchResources, Rule, WebhookClientConfig } from '../../machinery/api/admissionregistration-v1.js';
import type { LabelSelector } from '../../machinery/api/meta-v1.js';
import type { Draft } from '../../machinery/object.js';

const TIMEOUT_SECONDS = 10;
const PORT = 443;

interface Webhook {
  readonly clientConfig: WebhookClientConfig;
  readonly rules?: readonly Rule[];
  readonly failurePolicy?: string;
  readonly matchPolicy?: string;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly timeoutSeconds?: number;
}

export function defaultWebhook(webhook: Draft<Webhook>): void {
  webhook.failurePolicy ??= 'Fail';
  webhook.matchPolicy ??= 'Equivalent';
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= TIMEOUT_SECONDS;
  if (webhook.clientConfig.service !== undefined) webhook.clientConfig.service.port ??= PORT;
  defaultRules(webhook.rules);
}

export function defaultMatch(match: Draft<MatchResources> | undefined): void {
  if (match === undefined) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  defaultRules(match.resourceRules);
  defaultRules(match.excludeResourceRules);
}

function defaultRules(rules: readonly Draft<Rule>[] = []): void {
  for (const rule of rules) rule.scope ??= '*';
}
