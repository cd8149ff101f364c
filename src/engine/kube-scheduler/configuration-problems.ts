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
const WEIGHT_MAX = 100;
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
  const unlike = unlikeSorting(value as SchedulerConfiguration);
  if (unlike.length > 0) return unlike;
  try {
    profilesOf(value as SchedulerConfiguration, plugins);
    return [];
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const message = error.message.replace(/^profiles: /, 'must not be: ');
    return [{ path: 'profiles', message: message.startsWith('must') ? message : `must not be: ${message}` }];
  }
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

const pluginSet = fields({
  enabled: listOf(fields({ name: text, weight: integer(1, WEIGHT_MAX) }, ['name']), ENTRIES_MAX),
  disabled: listOf(fields({ name: text }, ['name']), ENTRIES_MAX),
});

const pluginConfig: Check = (value, path) => {
  const problems = fields({ name: text, args: anything }, ['name'])(value, path);
  if (problems.length > 0) return problems;
  const { name, args } = value as { readonly name: string; readonly args?: unknown };
  const check = Object.hasOwn(pluginArguments, name) ? pluginArguments[name] : undefined;
  if (check === undefined) {
    const known = Object.keys(pluginArguments).join(', ');
    return [{ path: `${path}.name`, message: `must be a plugin that takes arguments: ${known}` }];
  }
  return args === undefined ? [] : check(args, `${path}.args`);
};

const profile = fields({
  schedulerName: text,
  percentageOfNodesToScore: integer(0, 100),
  plugins: fields(Object.fromEntries(POINTS.map((point) => [point, pluginSet]))),
  pluginConfig: listOf(pluginConfig, ENTRIES_MAX),
});

const configuration = where(
  fields({
    apiVersion: oneOf('kubescheduler.config.k8s.io/v1'),
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
