import { configurationProblems } from './configuration-problems.js';

const profile = (given: unknown): unknown => ({ profiles: [given] });
const args = (name: string, given: unknown): unknown => profile({ pluginConfig: [{ name, args: given }] });

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
  ])('finds none in %j', (value) => expect(configurationProblems(value)).toEqual([]));

  it.each([
    ['off', '', 'must be an object'],
    [{ profile: [] }, 'profile', 'is not a known field'],
    [{ extenders: [] }, 'extenders', 'is not a known field'],
    [{ kind: 'KubeProxyConfiguration' }, 'kind', 'must be one of KubeSchedulerConfiguration'],
    [{ percentageOfNodesToScore: 101 }, 'percentageOfNodesToScore', 'must be an integer from 0 to 100'],
    [{ podInitialBackoffSeconds: 20 }, '', 'must have podMaxBackoffSeconds of at least podInitialBackoffSeconds'],
    [{ profiles: {} }, 'profiles', 'must be a list'],
    [{ profiles: [{}, {}] }, 'profiles', 'must not be: every profile needs a schedulerName'],
    [profile({ plugins: { unbind: {} } }), 'profiles[0].plugins.unbind', 'is not a known field'],
    [
      profile({ plugins: { queueSort: { enabled: [{ name: 'Mine' }] } } }),
      'profiles',
      'must not be: QueueSortPlugin "Mine" does not exist',
    ],
    [
      profile({ plugins: { bind: { enabled: [{ name: 'NodeName' }] } } }),
      'profiles',
      'must not be: plugin "NodeName" does not extend BindPlugin plugin',
    ],
    [
      profile({ plugins: { bind: { disabled: [{ name: 'DefaultBinder' }] } } }),
      'profiles',
      'must not be: at least one bind plugin is needed for profile with scheduler name "default-scheduler"',
    ],
    [
      profile({ plugins: { multiPoint: { disabled: [{ name: '*' }] } } }),
      'profiles',
      'must not be: only one queue sort plugin required for profile with scheduler name "default-scheduler", but got 0',
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
      'must not be: plugin "Mine" does not exist',
    ],
    [
      args('NodeName', {}),
      'profiles[0].pluginConfig[0].name',
      expect.stringContaining('must be a plugin that takes arguments: NodeAffinity'),
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
});
