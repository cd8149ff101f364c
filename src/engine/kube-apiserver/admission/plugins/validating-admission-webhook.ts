import { validatingWebhookConfiguration } from '../../../kinds/validating-webhook-configuration.js';
import type { StatusError } from '../../../machinery/status-error.js';
import { defineAdmissionPlugin, type PendingAdmission } from '../admission.js';
import { isExempt } from '../matching/request-match.js';
import { checkDryRun, formsOf, hooksOf, wantedForm } from '../webhooks/hooks.js';
import { annotateFailedOpen } from '../webhooks/webhook-annotations.js';
import { callHook, type HookCall } from '../webhooks/webhook-call.js';

/** Webhooks that may refuse an object, all asked at once. Which refusal is told does not depend on who answers first. */
export const validatingAdmissionWebhook = defineAdmissionPlugin({
  name: 'ValidatingAdmissionWebhook',
  operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],

  forms(attributes, context, services) {
    return formsOf(hooksOf(context.reader.list(validatingWebhookConfiguration)), attributes, context, services);
  },

  validate(attributes, context, services) {
    const configurations = context.reader.list(validatingWebhookConfiguration);
    if (configurations.length === 0 || isExempt(attributes)) return undefined;
    const calls = hooksOf(configurations).flatMap((hook): readonly HookCall[] => {
      const form = wantedForm(hook, attributes, context, services);
      return form === undefined ? [] : [{ hook, form, attributes, context, services, isMutating: false }];
    });
    for (const { hook } of calls) checkDryRun(hook, attributes);
    return calls.length === 0 ? undefined : allOf(calls);
  },
});

const allOf = (calls: readonly HookCall[]): PendingAdmission => ({
  settled(resume) {
    const errors: (StatusError | undefined)[] = [];
    let left = calls.length;
    for (const [index, call] of calls.entries()) {
      callHook(call, ({ hasFailed, error }) => {
        errors[index] = error;
        const { annotate } = call.context;
        if (annotate !== undefined && hasFailed === true) {
          annotateFailedOpen(annotate, 'validating', call.hook, { round: 0, index });
        }
        if (--left === 0) resume(errors.find((each) => each !== undefined));
      });
    }
  },
});
