import { badRequest } from '../machinery/status-error.js';
import type { ExtensionPoint, ProfileConfiguration, SchedulerConfiguration } from './configuration.js';
import { BUILT_IN_PLUGINS, GATED_PLUGINS } from './extension-points.js';
import type { Plugin } from './framework.js';
import { choicesFault, mergedChoices, spreadOver } from './plugin-choices.js';
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
  const defaults = [
    ...configured.map(({ name, weight = 1 }) => ({ name, weight })),
    ...BUILT_IN_PLUGINS.map((name) => ({ name })),
  ];
  const everywhere = mergedChoices(defaults, plugins.multiPoint);
  const schedulerName = given.schedulerName ?? (profiles.length < 2 ? DEFAULT_SCHEDULER_NAME : '');
  const isKnown = (name: string): boolean =>
    [...BUILT_IN_PLUGINS, ...GATED_PLUGINS].includes(name) || configured.some((each) => each.name === name);
  const fault = choicesFault({ schedulerName, everywhere, sets: plugins, isKnown });
  if (fault !== undefined) {
    throw badRequest(`initializing profiles: creating profile for scheduler name ${schedulerName}: ${fault}`);
  }
  const at = (...points: readonly ExtensionPoint[]): readonly WeightedPlugin[] =>
    points
      .reduce((list, point) => spreadOver(list, plugins[point]), everywhere)
      .flatMap(({ name, weight = 0 }) => {
        const plugin = configured.find((each) => each.name === name);
        return plugin === undefined ? [] : [{ plugin, weight: weight === 0 ? 1 : weight }];
      });
  const only = (list: readonly WeightedPlugin[], has: (plugin: Plugin) => boolean) =>
    list.map(({ plugin }) => plugin).filter(has);
  return {
    schedulerName,
    percentageOfNodesToScore: given.percentageOfNodesToScore ?? percentageOfNodesToScore,
    plugins: configured,
    gates: only(at('preEnqueue'), ({ preEnqueue }) => preEnqueue !== undefined),
    filters: only(at('preFilter', 'filter'), ({ filter }) => filter !== undefined),
    scorers: at('score').filter(({ plugin }) => plugin.score !== undefined),
    reservers: only(at('reserve', 'preBind'), ({ reserve }) => reserve !== undefined),
    remedies: at('postFilter').map(({ plugin }) => plugin.name),
    preemption: {
      ...PREEMPTION_DEFAULTS,
      ...(pluginConfig.find(({ name }) => name === 'DefaultPreemption')?.args as Partial<PreemptionArgs> | undefined),
    },
  };
}
