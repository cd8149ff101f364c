import type { ExtensionPoint, PluginChoice, PluginSet } from './configuration.js';
import { EXTENSION_POINTS, type PointOfPlugins } from './extension-points.js';

export interface ProfileChoices {
  readonly schedulerName: string;
  /** What is enabled at all points alike, defaults included. */
  readonly everywhere: readonly PluginChoice[];
  readonly sets: Readonly<Partial<Record<ExtensionPoint, PluginSet>>>;
  isKnown(name: string): boolean;
}

/** What upstream's framework says of a profile that it cannot make, in its words and its order; `undefined` where it can. */
export function choicesFault(choices: ProfileChoices): string | undefined {
  for (const each of EXTENSION_POINTS) {
    const fault = namedFault(each, choices);
    if (fault !== undefined) return fault;
  }
  for (const each of EXTENSION_POINTS) {
    const fault = expansionFault(each, choices);
    if (fault !== undefined) return fault;
  }
  const { schedulerName } = choices;
  const count = countAt('queueSort', choices);
  if (count !== 1)
    return `only one queue sort plugin required for profile with scheduler name "${schedulerName}", but got ${count}`;
  if (countAt('bind', choices) === 0)
    return `at least one bind plugin is needed for profile with scheduler name "${schedulerName}"`;
  return undefined;
}

/** Of what a profile names at one point. */
function namedFault({ point, type, plugins }: PointOfPlugins, { sets, isKnown }: ProfileChoices): string | undefined {
  const seen = new Set<string>();
  for (const { name } of sets[point]?.enabled ?? []) {
    if (!isKnown(name)) return `${type} "${name}" does not exist`;
    if (!plugins.includes(name)) return `plugin "${name}" does not extend ${type} plugin`;
    if (seen.has(name)) return `plugin "${name}" already registered as "${type}"`;
    seen.add(name);
  }
  return undefined;
}

/** Of what a profile has at all points alike, spread over one of them. */
function expansionFault({ point, type, plugins }: PointOfPlugins, choices: ProfileChoices): string | undefined {
  const { sets, everywhere, isKnown } = choices;
  const { enabled = [], disabled = [] } = sets[point] ?? {};
  if (disabled.some(({ name }) => name === '*')) return undefined;
  const seen = new Set<string>();
  for (const { name } of everywhere) {
    if (!isKnown(name)) return `${type} "${name}" does not exist`;
    const isLeftOut = !plugins.includes(name) || [...disabled, ...enabled].some((each) => each.name === name);
    if (isLeftOut) continue;
    if (seen.has(name)) return `plugin "${name}" already registered as "${type}"`;
    seen.add(name);
  }
  return undefined;
}

function countAt(point: ExtensionPoint, { sets, everywhere }: ProfileChoices): number {
  const { plugins = [] } = EXTENSION_POINTS.find((each) => each.point === point) ?? {};
  return spreadOver(everywhere, sets[point]).filter(({ name }) => plugins.includes(name)).length;
}

/** The defaults with what a profile enables and disables; a default that is enabled again keeps its place. */
export function mergedChoices(
  defaults: readonly PluginChoice[],
  { enabled = [], disabled = [] }: PluginSet = {},
): readonly PluginChoice[] {
  const isOff = (name: string): boolean => disabled.some((each) => each.name === name || each.name === '*');
  const replacing = new Set<PluginChoice>();
  const kept = defaults
    .filter(({ name }) => !isOff(name))
    .map((each) => {
      const again = enabled.findLast(({ name }) => name === each.name);
      if (again !== undefined) replacing.add(again);
      return again ?? each;
    });
  return [...kept, ...enabled.filter((each) => !replacing.has(each))];
}

/** At one extension point, what is named there comes first, in the order in which it is named. */
export function spreadOver(everywhere: readonly PluginChoice[], set: PluginSet | undefined): readonly PluginChoice[] {
  if (set === undefined) return everywhere;
  const { enabled = [], disabled = [] } = set;
  const isOff = (name: string): boolean => disabled.some((each) => each.name === name || each.name === '*');
  const isNamed = (name: string): boolean => enabled.some((each) => each.name === name);
  const isOverriding = ({ name }: PluginChoice): boolean =>
    !isOff(name) && everywhere.some((each) => each.name === name);
  const others = everywhere.filter(({ name }) => !isOff(name) && !isNamed(name));
  return [...enabled.filter(isOverriding), ...others, ...enabled.filter((each) => !isOverriding(each))];
}
