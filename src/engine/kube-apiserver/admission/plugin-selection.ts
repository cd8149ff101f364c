import type { Kind } from '../../machinery/kind.js';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from './admission.js';

export type Phase = 'admit' | 'validate';
type SelectedPlugins = WeakMap<Kind, Partial<Record<AdmissionOperation, readonly AdmissionPlugin[]>>>;

/** All plugins in order. Which of them care for a kind is worked out once a process. */
export class PluginSelection {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #selected: Readonly<Record<Phase, SelectedPlugins>> = { admit: new WeakMap(), validate: new WeakMap() };

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  of(phase: Phase, { operation, kind }: AdmissionAttributes): readonly AdmissionPlugin[] {
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
