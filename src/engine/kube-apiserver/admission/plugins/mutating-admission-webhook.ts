import { mutatingWebhookConfiguration } from '../../../kinds/mutating-webhook-configuration.js';
import type { Kind } from '../../../machinery/kind.js';
import type { Draft, KubeObject } from '../../../machinery/object.js';
import { applyJsonPatch } from '../../../machinery/patch/json-patch.js';
import { deepEqual } from '../../../machinery/equality.js';
import { goQuote } from '../../../machinery/go-text.js';
import { internalError, StatusError } from '../../../machinery/status-error.js';
import type { ParsedValue } from '../../../machinery/structure.js';
import { decodeAs, withType, type ExpectedBody } from '../../decode-body.js';
import { bodyOfKind } from '../../subresources/object-face.js';
import {
  defineAdmissionPlugin,
  type AdmissionAttributes,
  type AdmissionContext,
  type PendingAdmission,
} from '../admission.js';
import type { AdmissionServices } from '../admission-services.js';
import { asForm } from '../matching/inputs.js';
import { isConvertedOutside, pendingForms } from '../matching/object-forms.js';
import { isExempt } from '../matching/request-match.js';
import { checkDryRun, formsOf, hooksOf, wantedForm, type Hook } from '../webhooks/hooks.js';
import { annotateFailedOpen, annotateMutation } from '../webhooks/webhook-annotations.js';
import { callHook } from '../webhooks/webhook-call.js';

/** Webhooks that may change an object, one after another: each sees what those before it made. */
export const mutatingAdmissionWebhook = defineAdmissionPlugin({
  name: 'MutatingAdmissionWebhook',
  operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],

  forms(attributes, context, services) {
    return formsOf(hooksOf(context.reader.list(mutatingWebhookConfiguration)), attributes, context, services);
  },

  admit(attributes, context, services) {
    const configurations = context.reader.list(mutatingWebhookConfiguration);
    if (configurations.length === 0 || isExempt(attributes)) return undefined;
    const round = new MutatingRound(attributes, context, services);
    return round.run(hooksOf(configurations));
  },
});

/** What became of asking one webhook after another: an error, or nothing more. */
type Resume = (error?: StatusError) => void;

class MutatingRound {
  readonly #attributes: AdmissionAttributes;
  readonly #context: AdmissionContext;
  readonly #services: AdmissionServices;
  /** Whether the last webhook that was asked changed anything. */
  #hasChanged = false;

  constructor(attributes: AdmissionAttributes, context: AdmissionContext, services: AdmissionServices) {
    this.#attributes = attributes;
    this.#context = context;
    this.#services = services;
  }

  run(hooks: readonly Hook[]): PendingAdmission | undefined {
    const { reinvocation } = this.#context;
    if (reinvocation?.isAgain === true) reinvocation.compare(this.#attributes.object);
    const next = this.#next(hooks, 0);
    if (next === undefined) return undefined;
    return {
      settled: (resume) => {
        this.#ask(hooks, next, (error) => {
          reinvocation?.left(this.#attributes.object);
          resume(error);
        });
      },
    };
  }

  /** The next webhook, from a position on, that wants to be asked. @throws StatusError */
  #next(hooks: readonly Hook[], from: number): { readonly position: number; readonly form: Kind } | undefined {
    const { reinvocation } = this.#context;
    for (let position = from; position < hooks.length; position++) {
      const hook = hooks[position]!;
      if (reinvocation?.isAgain === true && !reinvocation.isDue(hook.id)) continue;
      const form = wantedForm(hook, this.#attributes, this.#context, this.#services);
      if (form === undefined) continue;
      checkDryRun(hook, this.#attributes);
      return { position, form };
    }
    return undefined;
  }

  #ask(
    hooks: readonly Hook[],
    { position, form }: { readonly position: number; readonly form: Kind },
    resume: Resume,
  ): void {
    const hook = hooks[position]!;
    const [attributes, context, services] = [this.#attributes, this.#context, this.#services];
    callHook({ hook, form, attributes, context, services, isMutating: true }, ({ patch, hasFailed, error }) => {
      const { reinvocation } = context;
      this.#hasChanged = false;
      const { made: pending, error: wrong = error } = attempted(() => this.#patch(hook, form, patch));
      this.#tell(hook, position, { hasFailed, patch: wrong === undefined ? patch : undefined });
      if (wrong !== undefined) return resume(wrong);
      const goOn: Resume = (failure) => {
        if (failure !== undefined) return resume(failure);
        const step = attempted(() => {
          if (hook.webhook.reinvocationPolicy === 'IfNeeded') reinvocation?.called(hook.id);
          return this.#next(hooks, position + 1);
        });
        if (step.error !== undefined) return resume(step.error);
        if (step.made === undefined) resume();
        else this.#ask(hooks, step.made, resume);
      };
      if (pending === undefined) return goOn();
      pending.settled((failure) => (failure === undefined ? this.#refresh(hooks, goOn) : goOn(failure)));
    });
  }

  /** Tells the audit log of one call. */
  #tell(
    hook: Hook,
    index: number,
    { hasFailed, patch }: { readonly hasFailed: true | undefined; readonly patch: ParsedValue | undefined },
  ): void {
    const { annotate, reinvocation } = this.#context;
    if (annotate === undefined) return;
    const place = { round: reinvocation?.isAgain === true ? 1 : 0, index };
    if (hasFailed === true) annotateFailedOpen(annotate, 'mutation', hook, place);
    annotateMutation(annotate, hook, place, { mutated: this.#hasChanged, patch });
  }

  /** The object has changed: what is asked next wants to see that in its own version. */
  #refresh(hooks: readonly Hook[], resume: Resume): void {
    const [attributes, context, services] = [this.#attributes, this.#context, this.#services];
    const { made: wanted, error } = attempted(() => formsOf(hooks, attributes, context, services));
    if (error !== undefined) return resume(error);
    const pending = pendingForms(attributes, wanted ?? [], services.conversions);
    if (pending === undefined) resume();
    else pending.settled(resume);
  }

  /** Takes over what a patch makes of the object; what is pending is done outside. @throws StatusError 500 */
  #patch({ webhook: { name } }: Hook, form: Kind, patch: ParsedValue | undefined): PendingAdmission | undefined {
    if (patch === undefined) return undefined;
    const { object, kind, body } = this.#attributes;
    if (object === undefined) {
      const why = 'attempted to modify the object, which is not supported for this operation';
      throw internalError(`admission webhook ${goQuote(name)} ${why}`);
    }
    const before = asForm(object, { attributes: this.#attributes, form });
    const patched = inInternalError(() => applyJsonPatch(before as unknown as ParsedValue, patch));
    if (deepEqual(before, patched)) return undefined;
    this.#hasChanged = true;
    this.#context.reinvocation?.changed();
    if (form !== kind && isConvertedOutside(this.#attributes)) return this.#convertedBack(object, patched, form);
    replace(object, body === undefined ? this.#decoded(patched, form) : decodedAs(body, patched));
    return undefined;
  }

  #convertedBack(object: Draft<KubeObject>, patched: ParsedValue, form: Kind): PendingAdmission {
    const { kind, forms } = this.#attributes;
    const made = decodedAs(bodyOfKind(form), patched);
    form.defaults?.(made);
    return {
      settled: (resume) => {
        this.#services.conversions.to(kind, made, ({ value, error }) => {
          if (error !== undefined) return resume(internalError(error.message));
          replace(object, value as Draft<KubeObject>);
          forms?.forget(object);
          forms?.note(object, form, made);
          resume();
        });
      },
    };
  }

  /** The patched object in the form of the request, with its defaults. */
  #decoded(patched: ParsedValue, form: Kind): Draft<KubeObject> {
    const { kind } = this.#attributes;
    const made = decodedAs(bodyOfKind(form), patched);
    if (form === kind) {
      kind.defaults?.(made);
      return made;
    }
    const stored = form.storedAs === undefined ? (made as KubeObject) : form.storedAs.toStored(made);
    const shown = kind.storedAs === undefined ? stored : kind.storedAs.fromStored(stored);
    return withType({ ...shown } as never, bodyOfKind(kind));
  }
}

function decodedAs(expected: ExpectedBody, patched: ParsedValue): Draft<KubeObject> {
  const { object } = inInternalError(() => decodeAs(expected, patched, { strict: false }));
  return withType(object, expected);
}

/** The request goes on with the object that it has: what is in it is what changes. */
function replace(object: Draft<KubeObject>, by: Draft<KubeObject>): void {
  for (const name of Object.keys(object)) delete (object as Partial<Record<string, unknown>>)[name];
  Object.assign(object, by);
}

function attempted<Made>(make: () => Made): { readonly made?: Made; readonly error?: StatusError } {
  try {
    return { made: make() };
  } catch (error) {
    if (error instanceof StatusError) return { error };
    throw error;
  }
}

/** What is wrong with a patch is the webhook's fault, not the client's. */
function inInternalError<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    if (error instanceof Error && (error instanceof StatusError || error.name === 'DecodeError')) {
      throw internalError(error.message);
    }
    throw error;
  }
}
