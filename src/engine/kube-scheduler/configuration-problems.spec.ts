import { configurationProblems } from './configuration-problems.js';
import { EXTENSION_POINTS } from './extension-points.js';

const profile = (given: unknown): unknown => ({ profiles: [given] });
const args = (name: string, given: unknown): unknown => profile({ pluginConfig: [{ name, args: given }] });

const refused = (why: string): string =>
  `cannot be used: initializing profiles: creating profile for scheduler name default-scheduler: ${why}`;

describe('configurationProblems', () => {
  it.each([
    [{}],
    [{ apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', parallelism: 16 }],
    [profile({ schedulerName: 'mine', plugins: { score: { disabled: [{ name: '*' }] } } })],
    [profile({ plugins: { multiPoint: { enabled: [{ name: 'ImageLocality', weight: 5 }] } } })],
    [args('NodeResourcesFit', { scoringStrategy: { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 1 }] } })],
    [args('DynamicResources', { filterTimeout: '5s' })],
    [args('VolumeBinding', { kind: 'VolumeBindingArgs', bindTimeoutSeconds: 30 })],
    [profile({ plugins: { queueSort: { enabled: [{ name: 'PrioritySort' }], disabled: [{ name: '*' }] } } })],
    [profile({ plugins: { bind: { enabled: [{ name: 'DefaultBinder' }] }, permit: {}, postBind: { enabled: [] } } })],
    [profile({ plugins: { multiPoint: { enabled: [{ name: 'PrioritySort' }, { name: 'DefaultBinder' }] } } })],
    [args('InterPodAffinity', { kind: 'InterPodAffinityArgs', hardPodAffinityWeight: 0 })],
    [{ profiles: [{ schedulerName: 'default-scheduler' }, { schedulerName: 'other' }] }],
    [args('NodeName', {})],
    [profile({ plugins: { multiPoint: { enabled: [{ name: 'NodeDeclaredFeatures' }, { name: 'GangScheduling' }] } } })],
  ])('finds none in %j', (value) => expect(configurationProblems(value)).toEqual([]));

  it.each([
    ['off', '', 'must be an object'],
    [{ profile: [] }, 'profile', 'is not a known field'],
    [{ extenders: [] }, 'extenders', 'is not a known field'],
    [{ kind: 'KubeProxyConfiguration' }, 'kind', 'must be one of KubeSchedulerConfiguration'],
    [{ percentageOfNodesToScore: 101 }, 'percentageOfNodesToScore', 'must be an integer from 0 to 100'],
    [{ podInitialBackoffSeconds: 20 }, '', 'must have podMaxBackoffSeconds of at least podInitialBackoffSeconds'],
    [{ profiles: {} }, 'profiles', 'must be a list'],
    [{ profiles: [{}, {}] }, 'profiles[0].schedulerName', 'must be given'],
    [
      { profiles: [{ schedulerName: 'a' }, { schedulerName: 'a' }] },
      'profiles[1].schedulerName',
      'must not be: Duplicate value: "profiles[0].schedulerName"',
    ],
    [
      profile({ pluginConfig: [{ name: 'NodeAffinity' }, { name: 'NodeAffinity' }] }),
      'profiles[0].pluginConfig[1]',
      'must not be: Duplicate value: "NodeAffinity"',
    ],
    [
      profile({ plugins: { filter: { enabled: [{ name: 'EBSLimits' }] } } }),
      'profiles[0].plugins.filter.enabled[0]',
      'must not be: Invalid value: "EBSLimits": was invalid in version "kubescheduler.config.k8s.io/v1" (KubeSchedulerConfiguration is version "kubescheduler.config.k8s.io/v1")',
    ],
    [profile({ plugins: { unbind: {} } }), 'profiles[0].plugins.unbind', 'is not a known field'],
    [
      profile({ plugins: { queueSort: { enabled: [{ name: 'Mine' }] } } }),
      'profiles',
      refused('QueueSortPlugin "Mine" does not exist'),
    ],
    [
      profile({ plugins: { bind: { enabled: [{ name: 'NodeName' }] } } }),
      'profiles',
      refused('plugin "NodeName" does not extend BindPlugin plugin'),
    ],
    [
      profile({ plugins: { bind: { disabled: [{ name: 'DefaultBinder' }] } } }),
      'profiles',
      refused('at least one bind plugin is needed for profile with scheduler name "default-scheduler"'),
    ],
    [
      profile({ plugins: { multiPoint: { disabled: [{ name: '*' }] } } }),
      'profiles',
      refused('only one queue sort plugin required for profile with scheduler name "default-scheduler", but got 0'),
    ],
    [
      {
        profiles: [
          { schedulerName: 'a' },
          { schedulerName: 'b', plugins: { queueSort: { enabled: [{ name: 'PrioritySort' }] } } },
        ],
      },
      'profiles[1].plugins.queueSort',
      'must be the same for all profiles',
    ],
    [
      args('VolumeBinding', { bindTimeoutSeconds: -1 }),
      'profiles[0].pluginConfig[0].args.bindTimeoutSeconds',
      'invalid BindTimeoutSeconds, should not be a negative value',
    ],
    [
      args('VolumeBinding', { shape: [{ utilization: 0, score: 0 }] }),
      'profiles[0].pluginConfig[0].args.shape',
      'unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring',
    ],
    [
      args('DynamicResources', { filterTimeout: '-1s' }),
      'profiles[0].pluginConfig[0].args.filterTimeout',
      'must be zero or positive',
    ],
    [
      args('DynamicResources', { filterTimeout: 'soon' }),
      'profiles[0].pluginConfig[0].args.filterTimeout',
      'must be a duration such as 10s',
    ],
    [
      profile({ plugins: { score: { enabled: [{ weight: 1 }] } } }),
      'profiles[0].plugins.score.enabled[0].name',
      'must be given',
    ],
    [
      profile({ plugins: { score: { enabled: [{ name: 'Mine' }] } } }),
      'profiles',
      refused('ScorePlugin "Mine" does not exist'),
    ],
    [
      args('NodeResourcesFit', { scoringStrategy: { type: 'RequestedToCapacityRatio' } }),
      'profiles[0].pluginConfig[0].args.scoringStrategy',
      'must have requestedToCapacityRatio where its type is RequestedToCapacityRatio',
    ],
    [
      args('PodTopologySpread', { defaultConstraints: [{ maxSkew: 0, topologyKey: 'zone' }], defaultingType: 'List' }),
      'profiles[0].pluginConfig[0].args.defaultConstraints[0].whenUnsatisfiable',
      'must be given',
    ],
  ])('finds what is wrong with %j', (value, path, message) => {
    expect(configurationProblems(value)[0]).toEqual({ path, message });
  });

  it.each([
    ['preFilter', 'PreFilterPlugin'],
    ['filter', 'FilterPlugin'],
    ['postFilter', 'PostFilterPlugin'],
    ['reserve', 'ReservePlugin'],
    ['preScore', 'PreScorePlugin'],
    ['score', 'ScorePlugin'],
    ['preBind', 'PreBindPlugin'],
    ['bind', 'BindPlugin'],
    ['postBind', 'PostBindPlugin'],
    ['permit', 'PermitPlugin'],
    ['preEnqueue', 'PreEnqueuePlugin'],
    ['queueSort', 'QueueSortPlugin'],
  ])('tells in upstream’s words what cannot be enabled at %s', (point, type) => {
    const told = (...enabled: readonly string[]) =>
      configurationProblems(profile({ plugins: { [point]: { enabled: enabled.map((name) => ({ name })) } } }))[0]
        ?.message;
    expect(told('Mine')).toBe(refused(`${type} "Mine" does not exist`));
    const stranger = point === 'bind' ? 'PrioritySort' : 'DefaultBinder';
    expect(told(stranger)).toBe(refused(`plugin "${stranger}" does not extend ${type} plugin`));
    const [own] = EXTENSION_POINTS.find((each) => each.point === point)?.plugins ?? [];
    if (own === undefined) return;
    expect(told(own, own)).toBe(refused(`plugin "${own}" already registered as "${type}"`));
  });

  it.each([
    ['a plugin that is not there', { enabled: [{ name: 'Mine' }] }, 'PreFilterPlugin "Mine" does not exist'],
    [
      'one that is there twice',
      { enabled: [{ name: 'NodeName' }, { name: 'NodeName' }] },
      'plugin "NodeName" already registered as "FilterPlugin"',
    ],
  ])('tells of %s at all points alike', (_, multiPoint, why) => {
    expect(configurationProblems(profile({ plugins: { multiPoint } }))[0]?.message).toBe(refused(why));
  });

  it('tells of the first point that is not switched off', () => {
    const plugins = { multiPoint: { enabled: [{ name: 'Mine' }] }, preFilter: { disabled: [{ name: '*' }] } };
    expect(configurationProblems(profile({ plugins }))[0]?.message).toBe(refused('FilterPlugin "Mine" does not exist'));
  });
});
