import { badRequest } from '../machinery/status-error.js';
import type {
  ExtensionPoint,
  PluginChoice,
  PluginSet,
  ProfileConfiguration,
  SchedulerConfiguration,
} from './configuration.js';
import { checkFixedPoints, FIXED_PLUGINS } from './fixed-points.js';
import type { Plugin } from './framework.js';
import { PREEMPTION_DEFAULTS, type PreemptionArgs } from './preemption/preemption-args.js';

export const DEFAULT_SCHEDULER_NAME = 'default-scheduler';

export interface WeightedPlugin {
  readonly plugin: Plugin;
  readonly weight: number;
}

/** One way of scheduling: which plugins decide, and with what weight. */
export interface Profile {
  readonly schedulerName: string;
  /** In percent; 0 for a share that shrinks as the cluster grows. */
  readonly percentageOfNodesToScore: number;
  /** All that take part anywhere. */
  readonly plugins: readonly Plugin[];
  readonly gates: readonly Plugin[];
  readonly filters: readonly Plugin[];
  readonly scorers: readonly WeightedPlugin[];
  readonly reservers: readonly Plugin[];
  /** Names of those that try to make room for a pod that fits nowhere. */
  readonly remedies: readonly string[];
  readonly preemption: PreemptionArgs;
}

/** Throws a StatusError 400 where the configuration names what is not there, or two profiles alike. */
export function profilesOf(
  configuration: SchedulerConfiguration,
  registry: readonly Plugin[],
): ReadonlyMap<string, Profile> {
  const given = configuration.profiles ?? [];
  const profiles = new Map<string, Profile>();
  for (const each of given.length === 0 ? [{}] : given) {
    const profile = profileOf(each, configuration, registry);
    const { schedulerName } = profile;
    if (schedulerName === '') throw badRequest('profiles: every profile needs a schedulerName');
    if (profiles.has(schedulerName)) throw badRequest(`profiles: duplicate schedulerName "${schedulerName}"`);
    profiles.set(schedulerName, profile);
  }
  return profiles;
}

function profileOf(
  given: ProfileConfiguration,
  { profiles = [], percentageOfNodesToScore = 0 }: SchedulerConfiguration,
  registry: readonly Plugin[],
): Profile {
  const { plugins = {}, pluginConfig = [] } = given;
  const configured = registry.map((plugin) => {
    const config = pluginConfig.find(({ name }) => name === plugin.name);
    return config?.args === undefined ? plugin : (plugin.configure?.(config.args) ?? plugin);
  });
  const everywhere = merged(
    [...configured.map(({ name }) => name), ...FIXED_PLUGINS].map((name) => ({ name })),
    plugins.multiPoint,
  );
  const at = (...points: readonly ExtensionPoint[]): readonly WeightedPlugin[] => {
    const choices = points.reduce((list, point) => expanded(list, plugins[point]), everywhere);
    return choices.flatMap(({ name, weight }) => {
      if (FIXED_PLUGINS.includes(name)) return [];
      const plugin = configured.find((each) => each.name === name);
      if (plugin === undefined) throw badRequest(`plugin "${name}" does not exist`);
      return { plugin, weight: weight ?? plugin.weight ?? 1 };
    });
  };
  const only = (list: readonly WeightedPlugin[], has: (plugin: Plugin) => boolean) =>
    list.map(({ plugin }) => plugin).filter(has);
  const schedulerName = given.schedulerName ?? (profiles.length < 2 ? DEFAULT_SCHEDULER_NAME : '');
  const isKnown = (name: string): boolean =>
    FIXED_PLUGINS.includes(name) || configured.some((each) => each.name === name);
  checkFixedPoints({ schedulerName, everywhere, sets: plugins, isKnown });
  return {
    schedulerName,
    percentageOfNodesToScore: given.percentageOfNodesToScore ?? percentageOfNodesToScore,
    plugins: configured,
    gates: only(at('preEnqueue'), ({ preEnqueue }) => preEnqueue !== undefined),
    filters: only(at('preFilter', 'filter'), ({ filter }) => filter !== undefined),
    scorers: at('preScore', 'score').filter(({ plugin }) => plugin.score !== undefined),
    reservers: only(at('reserve', 'preBind'), ({ reserve }) => reserve !== undefined),
    remedies: at('postFilter').map(({ plugin }) => plugin.name),
    preemption: {
      ...PREEMPTION_DEFAULTS,
      ...(pluginConfig.find(({ name }) => name === 'DefaultPreemption')?.args as Partial<PreemptionArgs> | undefined),
    },
  };
}

/** The default choices with what was enabled and disabled; a default that is enabled again keeps its place. */
function merged(
  defaults: readonly PluginChoice[],
  { enabled = [], disabled = [] }: PluginSet = {},
): readonly PluginChoice[] {
  const isOff = (name: string): boolean => disabled.some((each) => each.name === name || each.name === '*');
  const kept = defaults
    .filter(({ name }) => !isOff(name))
    .map((each) => enabled.find(({ name }) => name === each.name) ?? each);
  return [...kept, ...enabled.filter(({ name }) => !kept.some((each) => each.name === name))];
}

/** At one extension point, what is named there comes first, in the order in which it is named. */
function expanded(everywhere: readonly PluginChoice[], set: PluginSet | undefined): readonly PluginChoice[] {
  if (set === undefined) return everywhere;
  const { enabled = [], disabled = [] } = set;
  const isOff = (name: string): boolean => disabled.some((each) => each.name === name || each.name === '*');
  const isNamed = (name: string): boolean => enabled.some((each) => each.name === name);
  const overriding = enabled.filter(({ name }) => everywhere.some((each) => each.name === name));
  const others = everywhere.filter(({ name }) => !isOff(name) && !isNamed(name));
  return [...overriding, ...others, ...enabled.filter((each) => !overriding.includes(each))];
}
