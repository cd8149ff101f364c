import type { MutatingWebhook, ValidatingWebhook } from '../../../machinery/api/admissionregistration-v1.js';
import type { Kind } from '../../../machinery/kind.js';
import type { KubeObject } from '../../../machinery/object.js';
import { badRequest } from '../../../machinery/status-error.js';
import type { AdmissionAttributes, AdmissionContext } from '../admission.js';
import { admissionForbidden } from '../admission-forbidden.js';
import type { AdmissionServices } from '../admission-services.js';
import { activationOf } from '../matching/inputs.js';
import { matchedKind, type MatchRules } from '../matching/request-match.js';

export type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>;

/** One webhook of one configuration. */
export interface Hook {
  readonly webhook: Webhook;
  readonly configuration: string;
  /** Tells it from all others. */
  readonly id: string;
}

interface Configuration extends KubeObject {
  readonly webhooks?: readonly Webhook[];
}

const HARMLESS: readonly string[] = ['None', 'NoneOnDryRun'];
const REVIEW_VERSIONS: readonly string[] = ['v1', 'v1beta1'];

/** In the order in which they are asked: by configuration, and as each lists them. */
export function hooksOf(configurations: readonly Configuration[]): readonly Hook[] {
  return configurations.flatMap(({ metadata: { name }, webhooks = [] }) =>
    webhooks.map((webhook, index) => ({ webhook, configuration: name, id: `${name}/${webhook.name}/${index}` })),
  );
}

/** The versions of the objects that webhooks want. */
export const formsOf = (
  hooks: readonly Hook[],
  attributes: AdmissionAttributes,
  { reader }: AdmissionContext,
  { registry }: AdmissionServices,
): readonly Kind[] =>
  hooks
    .map(({ webhook }) => matchedKind(matchOf(webhook), attributes, { reader, registry }))
    .filter((form) => form !== undefined);

function matchOf({ rules = [], namespaceSelector, objectSelector, matchPolicy }: Webhook): MatchRules {
  return {
    rules,
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    ...(objectSelector === undefined ? {} : { objectSelector }),
    ...(matchPolicy === undefined ? {} : { matchPolicy }),
  };
}

/**
 * The form of the object that a webhook wants; `undefined` where it is not to be called.
 * @throws StatusError where its conditions cannot be evaluated, and it must not be left out then
 */
export function wantedForm(
  { webhook }: Hook,
  attributes: AdmissionAttributes,
  context: AdmissionContext,
  services: AdmissionServices,
): Kind | undefined {
  const { matchConditions = [], failurePolicy } = webhook;
  const form = matchedKind(matchOf(webhook), attributes, { reader: context.reader, registry: services.registry });
  if (form === undefined || matchConditions.length === 0) return form;
  // Upstream's webhooks are not told the namespace.
  const inputs = { attributes, form, namespace: undefined, authorizer: services.authorizer };
  const { matches, fault } = services.conditions.evaluate(matchConditions, activationOf(inputs), false);
  if (fault === undefined) return matches ? form : undefined;
  if (failurePolicy === 'Ignore') return undefined;
  throw admissionForbidden(attributes, fault);
}

/** @throws StatusError for a dry run that might have effects */
export function checkDryRun({ webhook: { name, sideEffects } }: Hook, { isDryRun }: AdmissionAttributes): void {
  if (!isDryRun || HARMLESS.includes(sideEffects)) return;
  throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
}

/** The version of the review that both sides know. */
export const reviewVersionOf = ({ admissionReviewVersions }: Webhook): string =>
  admissionReviewVersions?.find((each) => REVIEW_VERSIONS.includes(each)) ?? 'v1';
