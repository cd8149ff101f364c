import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin, PendingAdmission } from './admission.js';
import type { AdmissionServices } from './admission-services.js';
import { StatusError } from '../../machinery/status-error.js';
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
    const question: Question = { phase: 'admit', attributes, context: { ...context, reinvocation }, services };
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
    const question: Question = { phase: 'validate', attributes, context, services: this.#services };
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
  const { phase, attributes, context, services } = question;
  for (let position = from; position < plugins.length; position++) {
    const pending = plugins[position]![phase]?.(attributes, context, services);
    if (pending !== undefined) return continued(pending, () => run(plugins, position + 1, question));
  }
  return undefined;
}

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
