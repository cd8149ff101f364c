/** One call of one webhook: from the request to what it comes to, failures in upstream's words. */
import type { Kind } from '../../../machinery/kind.js';
import { goQuote } from '../../../machinery/go-text.js';
import type { StatusError } from '../../../machinery/status-error.js';
import { internalError } from '../../../machinery/status-error.js';
import type { ParsedValue } from '../../../machinery/structure.js';
import type { OutsideResult } from '../../outside/outside-effect.js';
import { statusFault } from '../../outside/status-fault.js';
import { webhookTarget } from '../../outside/webhook-target.js';
import type { AdmissionAttributes, AdmissionContext } from '../admission.js';
import type { AdmissionServices } from '../admission-services.js';
import { reviewVersionOf, type Hook } from './hooks.js';
import { PATCH_TYPE, patchOperations, readReview, refusalOf, reviewBody } from './review.js';

const TIMEOUT_SECONDS_PRESET = 10;

/** `patch` is `undefined` where nothing is to change, or where the call has failed and that is suffered. */
export type CallOutcome =
  | { readonly patch: ParsedValue | undefined; readonly hasFailed?: true; readonly error?: never }
  | { readonly error: StatusError; readonly patch?: never; readonly hasFailed?: never };

export interface HookCall {
  readonly hook: Hook;
  readonly form: Kind;
  readonly attributes: AdmissionAttributes;
  readonly context: AdmissionContext;
  readonly services: AdmissionServices;
  readonly isMutating: boolean;
}

/** `done` is called once, at once where the webhook cannot be reached. */
export function callHook(call: HookCall, done: (outcome: CallOutcome) => void): void {
  const { hook, form, attributes, context, services, isMutating } = call;
  const { webhook } = hook;
  const { timeoutSeconds = TIMEOUT_SECONDS_PRESET, clientConfig, failurePolicy } = webhook;
  const fail = (reason: string): void => {
    if (failurePolicy === 'Ignore') return done({ patch: undefined, hasFailed: true });
    done({ error: internalError(`failed calling webhook ${goQuote(webhook.name)}: ${reason}`) });
  };
  const target = webhookTarget(clientConfig, timeoutSeconds, { reader: context.reader, outside: services.outside });
  const unreached = (fault: string): void => fail(`failed to call webhook: Post ${goQuote(target.shownUrl)}: ${fault}`);
  if (target.url === undefined) return unreached(target.fault);
  const uid = context.simulation.random.uuid();
  const body = services.text.encode(JSON.stringify(reviewBody(webhook, uid, { attributes, form })));
  const { caBundle = '' } = clientConfig;
  const answered = (result: OutsideResult): void => {
    if (result.fault !== undefined) return unreached(result.fault);
    if (result.status < 200 || result.status > 299)
      return fail(`failed to call webhook: ${statusFault(result, services.text)}`);
    const version = reviewVersionOf(webhook);
    const { answer, fault } = readReview(result, { uid, version, isMutating }, services.text);
    if (fault !== undefined) return fail(fault);
    for (const warning of answer.warnings) context.warn(warning);
    for (const [key, value] of answer.annotations) context.annotate?.(`${webhook.name}/${key}`, value);
    if (!answer.isAllowed) return done({ error: refusalOf(webhook.name, answer.refusal) });
    const { operations, fault: wrong } = patchOperations(answer, services.text);
    if (wrong !== undefined) return fail(wrong);
    if (operations === undefined) return done({ patch: undefined });
    // Whether there is anything to change is the first question, and what kind of patch it is the next.
    if (attributes.object !== undefined && answer.patchType !== PATCH_TYPE) {
      return fail(`unsupported patch type ${goQuote(answer.patchType)}`);
    }
    done({ patch: operations });
  };
  services.outside.call({ url: target.url, serverName: target.serverName, caBundle, timeoutSeconds, body }, answered);
}
