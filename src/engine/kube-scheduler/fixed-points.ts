import { badRequest } from '../machinery/status-error.js';
import type { PluginChoice, PluginSet } from './configuration.js';

interface FixedPoint {
  readonly point: 'queueSort' | 'permit' | 'bind' | 'postBind';
  /** As upstream calls what can be enabled there. */
  readonly type: string;
  /** The one that upstream has; the scheduler itself is it here. */
  readonly plugin?: string;
}

const FIXED_POINTS: readonly FixedPoint[] = [
  { point: 'queueSort', type: 'QueueSortPlugin', plugin: 'PrioritySort' },
  { point: 'permit', type: 'PermitPlugin' },
  { point: 'bind', type: 'BindPlugin', plugin: 'DefaultBinder' },
  { point: 'postBind', type: 'PostBindPlugin' },
];

/** Plugins that may be named and that nothing is to be done for. */
export const FIXED_PLUGINS: readonly string[] = FIXED_POINTS.flatMap(({ plugin }) => plugin ?? []);

export interface FixedChoices {
  readonly schedulerName: string;
  /** What is enabled at all points alike. */
  readonly everywhere: readonly PluginChoice[];
  readonly sets: Readonly<Partial<Record<FixedPoint['point'], PluginSet>>>;
  isKnown(name: string): boolean;
}

/** Throws a StatusError 400, in upstream's words, unless a profile sorts and binds as it does by default. */
export function checkFixedPoints({ schedulerName, everywhere, sets, isKnown }: FixedChoices): void {
  for (const { point, type, plugin } of FIXED_POINTS) {
    const { enabled = [], disabled = [] } = sets[point] ?? {};
    for (const { name } of enabled) {
      if (name === plugin) continue;
      if (!isKnown(name)) throw badRequest(`${type} "${name}" does not exist`);
      throw badRequest(`plugin "${name}" does not extend ${type} plugin`);
    }
    if (plugin === undefined) continue;
    const isOff = disabled.some(({ name }) => name === plugin || name === '*');
    const isOn = enabled.length > 0 || (!isOff && everywhere.some(({ name }) => name === plugin));
    if (isOn) continue;
    const profile = `for profile with scheduler name "${schedulerName}"`;
    throw badRequest(
      point === 'queueSort'
        ? `only one queue sort plugin required ${profile}, but got 0`
        : `at least one bind plugin is needed ${profile}`,
    );
  }
}
