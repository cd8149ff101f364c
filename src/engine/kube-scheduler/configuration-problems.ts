import { deepEqual } from '../machinery/equality.js';
import { StatusError } from '../machinery/status-error.js';
import {
  anything,
  fields,
  integer,
  listOf,
  oneOf,
  text,
  where,
  type Check,
  type ConfigurationProblem,
} from './checks.js';
import type { ExtensionPoint, SchedulerConfiguration } from './configuration.js';
import { pluginArguments } from './plugin-arguments.js';
import { plugins } from './plugins/registry.js';
import { profilesOf } from './profile.js';

const PROFILES_MAX = 100;
const ENTRIES_MAX = 100;
const SECONDS_MAX = 2 ** 31 - 1;
const WEIGHT_MAX = 2 ** 31 - 1;
const VERSION = 'kubescheduler.config.k8s.io/v1';
/** Plugins that upstream had once. */
const REMOVED_PLUGINS: readonly string[] = ['AzureDiskLimits', 'CinderLimits', 'EBSLimits', 'GCEPDLimits'];
const POINTS: readonly ExtensionPoint[] = [
  'queueSort',
  'permit',
  'bind',
  'postBind',
  'multiPoint',
  'preEnqueue',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'preBind',
];

/**
 * What is wrong with a configuration that came as JSON: upstream's `KubeSchedulerConfiguration` (v1) without extenders and
 * without plugins of one's own. Fields that tell a process how to run are taken and mean nothing.
 */
export function configurationProblems(value: unknown): readonly ConfigurationProblem[] {
  const problems = configuration(value, '');
  if (problems.length > 0) return problems;
  const given = value as SchedulerConfiguration;
  const unlike = [...nameProblems(given), ...unlikeSorting(given)];
  if (unlike.length > 0) return unlike;
  try {
    profilesOf(given, plugins);
    return [];
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return [{ path: 'profiles', message: `cannot be used: ${error.message}` }];
  }
}

/** A profile beside others needs a name, and one of its own. */
function nameProblems({ profiles = [] }: SchedulerConfiguration): readonly ConfigurationProblem[] {
  if (profiles.length < 2) return [];
  return profiles.flatMap(({ schedulerName }, index) => {
    const path = `profiles[${index}].schedulerName`;
    if (schedulerName === undefined) return [{ path, message: 'must be given' }];
    const first = profiles.findIndex((each) => each.schedulerName === schedulerName);
    return first === index
      ? []
      : [{ path, message: `must not be: Duplicate value: "profiles[${first}].schedulerName"` }];
  });
}

/** All profiles share one queue. */
function unlikeSorting({ profiles = [] }: SchedulerConfiguration): readonly ConfigurationProblem[] {
  const sorting = profiles.map(({ plugins: sets }) => sets?.queueSort ?? {});
  return sorting.flatMap((each, index) =>
    deepEqual(each, sorting[0])
      ? []
      : [{ path: `profiles[${index}].plugins.queueSort`, message: 'must be the same for all profiles' }],
  );
}

const removedText = (name: string): string =>
  `must not be: Invalid value: "${name}": was invalid in version "${VERSION}" (KubeSchedulerConfiguration is version "${VERSION}")`;

const choice: Check = (value, path) => {
  const problems = fields({ name: text, weight: integer(0, WEIGHT_MAX) }, ['name'])(value, path);
  if (problems.length > 0) return problems;
  const { name } = value as { readonly name: string };
  return REMOVED_PLUGINS.includes(name) ? [{ path, message: removedText(name) }] : [];
};

const pluginSet = fields({
  enabled: listOf(choice, ENTRIES_MAX),
  disabled: listOf(fields({ name: text }, ['name']), ENTRIES_MAX),
});

const pluginConfig: Check = (value, path) => {
  const problems = fields({ name: text, args: anything }, ['name'])(value, path);
  if (problems.length > 0) return problems;
  const { name, args } = value as { readonly name: string; readonly args?: unknown };
  const check = Object.hasOwn(pluginArguments, name) ? pluginArguments[name] : undefined;
  if (REMOVED_PLUGINS.includes(name)) return [{ path, message: removedText(name) }];
  // Upstream has nothing to hold the arguments of other plugins against, and does not use them.
  if (check === undefined) return [];
  return args === undefined ? [] : check(args, `${path}.args`);
};

const pluginConfigs: Check = (value, path) => {
  const problems = listOf(pluginConfig, ENTRIES_MAX)(value, path);
  if (problems.length > 0) return problems;
  const names = (value as readonly { readonly name: string }[]).map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [{ path: `${path}[${index}]`, message: `must not be: Duplicate value: "${name}"` }],
  );
};

const profile = fields({
  schedulerName: text,
  percentageOfNodesToScore: integer(0, 100),
  plugins: fields(Object.fromEntries(POINTS.map((point) => [point, pluginSet]))),
  pluginConfig: pluginConfigs,
});

const configuration = where(
  fields({
    apiVersion: oneOf(VERSION),
    kind: oneOf('KubeSchedulerConfiguration'),
    profiles: listOf(profile, PROFILES_MAX),
    percentageOfNodesToScore: integer(0, 100),
    podInitialBackoffSeconds: integer(1, SECONDS_MAX),
    podMaxBackoffSeconds: integer(1, SECONDS_MAX),
    parallelism: anything,
    leaderElection: anything,
    clientConnection: anything,
    healthzBindAddress: anything,
    metricsBindAddress: anything,
    enableProfiling: anything,
    enableContentionProfiling: anything,
    delayCacheUntilActive: anything,
  }),
  ({ podInitialBackoffSeconds = 1, podMaxBackoffSeconds = 10 }) =>
    Number(podMaxBackoffSeconds) < Number(podInitialBackoffSeconds)
      ? 'must have podMaxBackoffSeconds of at least podInitialBackoffSeconds'
      : undefined,
);
