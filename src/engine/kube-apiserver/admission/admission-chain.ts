import type { Kind } from '../../machinery/kind.js';
import type {
  AdmissionAttributes,
  AdmissionContext,
  AdmissionOperation,
  AdmissionPlugin,
  PendingAdmission,
} from './admission.js';

type Phase = 'admit' | 'validate';
type SelectedPlugins = WeakMap<Kind, Partial<Record<AdmissionOperation, readonly AdmissionPlugin[]>>>;

/** The plugins of one API server, in order. Which of them care for a kind is worked out once. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #selected: Readonly<Record<Phase, SelectedPlugins>> = { admit: new WeakMap(), validate: new WeakMap() };

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  /** Lets every mutating plugin at the object. `undefined` when all have agreed; throws the first refusal. */
  admit(attributes: AdmissionAttributes, context: AdmissionContext): PendingAdmission | undefined {
    return run(this.#pluginsFor('admit', attributes), 0, { phase: 'admit', attributes, context });
  }

  /** Shows the finished object to every validating plugin. */
  validate(attributes: AdmissionAttributes, context: AdmissionContext): PendingAdmission | undefined {
    return run(this.#pluginsFor('validate', attributes), 0, { phase: 'validate', attributes, context });
  }

  #pluginsFor(phase: Phase, { operation, kind }: AdmissionAttributes): readonly AdmissionPlugin[] {
    const ofKind = this.#selected[phase].get(kind);
    const known = ofKind?.[operation];
    if (known !== undefined) return known;
    const selected = this.#plugins.filter((plugin) => caresFor(plugin, phase, operation, kind));
    this.#selected[phase].set(kind, { ...ofKind, [operation]: selected });
    return selected;
  }
}

function caresFor(plugin: AdmissionPlugin, phase: Phase, operation: AdmissionOperation, kind: Kind): boolean {
  if (plugin[phase] === undefined || !plugin.operations.includes(operation)) return false;
  const resource = kind.group === '' ? kind.plural : `${kind.group}/${kind.plural}`;
  return plugin.resources === undefined || plugin.resources.includes(resource);
}

interface Question {
  readonly phase: Phase;
  readonly attributes: AdmissionAttributes;
  readonly context: AdmissionContext;
}

function run(plugins: readonly AdmissionPlugin[], from: number, question: Question): PendingAdmission | undefined {
  const { phase, attributes, context } = question;
  for (let position = from; position < plugins.length; position++) {
    const plugin = plugins[position]!;
    const pending = phase === 'admit' ? plugin.admit?.(attributes, context) : plugin.validate?.(attributes, context);
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
