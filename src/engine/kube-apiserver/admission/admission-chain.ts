import type { Kind } from '../../machinery/kind.js';
import type {
  AdmissionAttributes,
  AdmissionContext,
  AdmissionOperation,
  AdmissionPlugin,
  PendingAdmission,
} from './admission.js';

type Phase = 'admit' | 'validate';

/** The plugins of one API server, in order. Which of them care for a kind is worked out once. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #selected = new Map<string, readonly AdmissionPlugin[]>();

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  /** Lets every mutating plugin at the object. `undefined` when all have agreed; throws the first refusal. */
  admit(attributes: AdmissionAttributes, context: AdmissionContext): PendingAdmission | undefined {
    return run(this.#pluginsFor('admit', attributes), 0, (plugin) => plugin.admit?.(attributes, context));
  }

  /** Shows the finished object to every validating plugin. */
  validate(attributes: AdmissionAttributes, context: AdmissionContext): PendingAdmission | undefined {
    return run(this.#pluginsFor('validate', attributes), 0, (plugin) => plugin.validate?.(attributes, context));
  }

  #pluginsFor(phase: Phase, { operation, kind }: AdmissionAttributes): readonly AdmissionPlugin[] {
    const key = `${phase} ${operation} ${kind.group}/${kind.plural}`;
    const known = this.#selected.get(key);
    if (known !== undefined) return known;
    const selected = this.#plugins.filter((plugin) => caresFor(plugin, phase, operation, kind));
    this.#selected.set(key, selected);
    return selected;
  }
}

function caresFor(plugin: AdmissionPlugin, phase: Phase, operation: AdmissionOperation, kind: Kind): boolean {
  if (plugin[phase] === undefined || !plugin.operations.includes(operation)) return false;
  const resource = kind.group === '' ? kind.plural : `${kind.group}/${kind.plural}`;
  return plugin.resources === undefined || plugin.resources.includes(resource);
}

type Ask = (plugin: AdmissionPlugin) => PendingAdmission | undefined;

function run(plugins: readonly AdmissionPlugin[], from: number, ask: Ask): PendingAdmission | undefined {
  for (let position = from; position < plugins.length; position++) {
    const pending = ask(plugins[position]!);
    if (pending !== undefined) return continued(pending, () => run(plugins, position + 1, ask));
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
