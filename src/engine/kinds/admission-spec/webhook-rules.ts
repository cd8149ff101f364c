/** Mirrors `ValidateValidatingWebhookConfiguration`, `ValidateMutatingWebhookConfiguration` and their updates. */
import type { MutatingWebhook, ValidatingWebhook } from '../../machinery/api/admissionregistration-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { duplicate, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { dns1035LabelFaults, dns1123SubdomainFaults } from '../../machinery/names.js';
import { checkLabelSelector, hasInvalidSelectorValue, reportFaults } from '../pod-spec/checks.js';
import { checkClientConfig } from './client-config-rules.js';
import { FAILURE_POLICIES, MATCH_POLICIES, checkMatchConditions, checkRuleWithOperations } from './match-rules.js';

const REVIEW_VERSIONS: readonly string[] = ['v1', 'v1beta1'];
const HARMLESS: readonly string[] = ['None', 'NoneOnDryRun'];
const SIDE_EFFECTS: readonly string[] = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];
const REINVOCATION_POLICIES: readonly string[] = ['IfNeeded', 'Never'];
const TIMEOUT_SECONDS_MAX = 30;
const NAME_SEGMENTS_MIN = 3;

type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;

/** What a configuration that broke a rule before the rule existed may go on breaking. */
interface Demands {
  readonly noSideEffects: boolean;
  readonly knownVersion: boolean;
  readonly uniqueNames: boolean;
  readonly selectorValues: boolean;
  readonly conditions: boolean;
}

export function checkWebhooks(report: Report, webhooks: readonly Webhook[] = [], old?: readonly Webhook[]): void {
  const demands = demandsOn(webhooks, old);
  const names = new Set<string>();
  for (const [index, webhook] of webhooks.entries()) {
    const path = `webhooks[${index}]`;
    checkWebhook(report, path, webhook, demands);
    checkReviewVersions(report, `${path}.admissionReviewVersions`, webhook.admissionReviewVersions ?? [], demands);
    if (demands.uniqueNames && webhook.name !== '') {
      if (names.has(webhook.name)) report(duplicate(`${path}.name`, webhook.name));
      names.add(webhook.name);
    }
  }
}

function demandsOn(webhooks: readonly Webhook[], old: readonly Webhook[] = []): Demands {
  const isKnown = (versions: readonly string[] | null): boolean =>
    (versions ?? []).length === 0 || REVIEW_VERSIONS.some((each) => versions?.includes(each));
  return {
    noSideEffects: old.every(({ sideEffects }) => HARMLESS.includes(sideEffects)),
    knownVersion: old.every(({ admissionReviewVersions }) => isKnown(admissionReviewVersions)),
    uniqueNames: new Set(old.map(({ name }) => name)).size === old.length,
    selectorValues: !old.some(
      (each) => hasInvalidSelectorValue(each.namespaceSelector) || hasInvalidSelectorValue(each.objectSelector),
    ),
    conditions:
      old.length !== webhooks.length ||
      old.some(({ matchConditions }, index) => !deepEqual(matchConditions, webhooks[index]?.matchConditions)),
  };
}

function checkWebhook(report: Report, path: string, webhook: Webhook, demands: Demands): void {
  const { rules = [], failurePolicy, matchPolicy, timeoutSeconds, reinvocationPolicy } = webhook;
  checkQualifiedDomain(report, `${path}.name`, webhook.name);
  for (const [index, rule] of rules.entries()) checkRuleWithOperations(report, `${path}.rules[${index}]`, rule);
  checkOneOf(report, `${path}.failurePolicy`, failurePolicy, FAILURE_POLICIES);
  checkOneOf(report, `${path}.matchPolicy`, matchPolicy, MATCH_POLICIES);
  const allowed = demands.noSideEffects ? HARMLESS : SIDE_EFFECTS;
  if ((webhook.sideEffects ?? undefined) === undefined) {
    report(required(`${path}.sideEffects`, `must specify one of ${allowed.join(', ')}`));
  } else {
    checkOneOf(report, `${path}.sideEffects`, webhook.sideEffects, allowed);
  }
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_SECONDS_MAX)) {
    const fault = `the timeout value must be between 1 and ${TIMEOUT_SECONDS_MAX} seconds`;
    report(invalid(`${path}.timeoutSeconds`, timeoutSeconds, fault));
  }
  const leniency = { allowsInvalidValues: !demands.selectorValues };
  checkLabelSelector(report, `${path}.namespaceSelector`, webhook.namespaceSelector, leniency);
  checkLabelSelector(report, `${path}.objectSelector`, webhook.objectSelector, leniency);
  checkOneOf(report, `${path}.reinvocationPolicy`, reinvocationPolicy, REINVOCATION_POLICIES);
  checkClientConfig(report, `${path}.clientConfig`, webhook.clientConfig);
  if (demands.conditions) checkMatchConditions(report, `${path}.matchConditions`, webhook.matchConditions);
}

/** A domain of three labels at least. */
function checkQualifiedDomain(report: Report, path: string, name: string): void {
  if (name === '') {
    report(required(path));
    return;
  }
  const faults = dns1123SubdomainFaults(name);
  if (faults.length > 0) report(invalid(path, name, faults.join(',')));
  else if (name.split('.').length < NAME_SEGMENTS_MIN) {
    report(invalid(path, name, 'should be a domain with at least three segments separated by dots'));
  }
}

function checkOneOf(report: Report, path: string, value: string | undefined, choices: readonly string[]): void {
  if (value !== undefined && !choices.includes(value)) report(notSupported(path, value, choices));
}

function checkReviewVersions(report: Report, path: string, versions: readonly string[], demands: Demands): void {
  if (versions.length === 0) {
    report(required(path, `must specify one of ${REVIEW_VERSIONS.join(', ')}`));
    return;
  }
  for (const [index, version] of versions.entries()) {
    const at = `${path}[${index}]`;
    if (versions.indexOf(version) < index) report(invalid(at, version, 'duplicate version'));
    else reportFaults(report, at, version, dns1035LabelFaults(version));
  }
  if (!demands.knownVersion || versions.some((each) => REVIEW_VERSIONS.includes(each))) return;
  report(invalid(path, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
}
