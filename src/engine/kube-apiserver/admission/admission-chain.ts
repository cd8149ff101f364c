import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin, PendingAdmission } from './admission.js';
import type { AdmissionServices } from './admission-services.js';
import { StatusError } from '../../machinery/status-error.js';
import { isConvertedOutside, ObjectForms, pendingForms } from './matching/object-forms.js';
import { Reinvocation } from './reinvocation.js';
import type { Phase, PluginSelection } from './plugin-selection.js';

/** The plugins of one API server, in order. */
export class AdmissionChain {
  readonly #plugins: PluginSelection;
  readonly #services: AdmissionServices;

  constructor(plugins: PluginSelection, services: AdmissionServices) {
    this.#plugins = plugins;
    this.#services = services;
  }

  /**
   * Lets every mutating plugin at the object, and once more where a webhook changed what others had seen. `undefined` when
   * all have agreed; throws the first refusal.
   */
  admit(attributes: AdmissionAttributes, context: AdmissionContext): PendingAdmission | undefined {
    const plugins = this.#plugins.of('admit', attributes);
    const reinvocation = new Reinvocation();
    const services = this.#services;
    const question: Question = {
      phase: 'admit',
      attributes: withForms(attributes),
      context: { ...context, reinvocation },
      services,
    };
    const pending = run(plugins, 0, question);
    // Nobody outside was asked: nothing changed behind the back of a plugin.
    if (pending === undefined) return undefined;
    return continued(pending, () => {
      if (!reinvocation.isWanted) return undefined;
      reinvocation.beginAgain();
      return run(plugins, 0, question);
    });
  }

  /** Shows the finished object to every validating plugin. */
  validate(attributes: AdmissionAttributes, context: AdmissionContext): PendingAdmission | undefined {
    const services = this.#services;
    const question: Question = { phase: 'validate', attributes: withForms(attributes), context, services };
    return run(this.#plugins.of('validate', attributes), 0, question);
  }
}

interface Question {
  readonly phase: Phase;
  readonly attributes: AdmissionAttributes;
  readonly context: AdmissionContext;
  readonly services: AdmissionServices;
}

function run(plugins: readonly AdmissionPlugin[], from: number, question: Question): PendingAdmission | undefined {
  for (let position = from; position < plugins.length; position++) {
    const pending = ask(plugins[position]!, question);
    if (pending !== undefined) return continued(pending, () => run(plugins, position + 1, question));
  }
  return undefined;
}

function ask(plugin: AdmissionPlugin, question: Question): PendingAdmission | undefined {
  const { phase, attributes, context, services } = question;
  if (attributes.forms !== undefined && plugin.forms !== undefined) return askWithForms(plugin, question);
  return plugin[phase]?.(attributes, context, services);
}

/** Such a plugin sees the object in the versions that it wants, which may have to be made first. */
function askWithForms(
  plugin: AdmissionPlugin,
  { phase, attributes, context, services }: Question,
): PendingAdmission | undefined {
  const { object, forms } = attributes;
  // Plugins before this one may have written to it.
  if (phase === 'admit' && object !== undefined) forms?.forget(object);
  const asked = (): PendingAdmission | undefined => plugin[phase]?.(attributes, context, services);
  const wanted = plugin.forms?.(attributes, context, services) ?? [];
  const pending = pendingForms(attributes, wanted, services.conversions);
  return pending === undefined ? asked() : continued(pending, asked);
}

const withForms = (attributes: AdmissionAttributes): AdmissionAttributes =>
  isConvertedOutside(attributes) ? { ...attributes, forms: new ObjectForms() } : attributes;

/** Waits for one plugin and then runs the rest, which may wait again. */
const continued = (pending: PendingAdmission, rest: () => PendingAdmission | undefined): PendingAdmission => ({
  settled(resume) {
    pending.settled((error) => {
      if (error !== undefined) return resume(error);
      const { next, refusal } = attempted(rest);
      if (refusal !== undefined) resume(refusal);
      else if (next === undefined) resume();
      else next.settled(resume);
    });
  },
});

interface Attempt {
  readonly next?: PendingAdmission | undefined;
  readonly refusal?: StatusError;
}

/** Nobody who could catch a refusal waits any more once the first plugin has. */
function attempted(rest: () => PendingAdmission | undefined): Attempt {
  try {
    return { next: rest() };
  } catch (error) {
    if (error instanceof StatusError) return { refusal: error };
    throw error;
  }
}
