import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin, PendingAdmission } from './admission.js';
import type { AdmissionServices } from './admission-services.js';
import type { Phase, PluginSelection } from './plugin-selection.js';

/** The plugins of one API server, in order. */
export class AdmissionChain {
  readonly #plugins: PluginSelection;
  readonly #services: AdmissionServices;

  constructor(plugins: PluginSelection, services: AdmissionServices) {
    this.#plugins = plugins;
    this.#services = services;
  }

  /** Lets every mutating plugin at the object. `undefined` when all have agreed; throws the first refusal. */
  admit(attributes: AdmissionAttributes, context: AdmissionContext): PendingAdmission | undefined {
    return this.#run('admit', attributes, context);
  }

  /** Shows the finished object to every validating plugin. */
  validate(attributes: AdmissionAttributes, context: AdmissionContext): PendingAdmission | undefined {
    return this.#run('validate', attributes, context);
  }

  #run(phase: Phase, attributes: AdmissionAttributes, context: AdmissionContext): PendingAdmission | undefined {
    const question = { phase, attributes, context, services: this.#services };
    return run(this.#plugins.of(phase, attributes), 0, question);
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
      const next = rest();
      if (next === undefined) resume();
      else next.settled(resume);
    });
  },
});
