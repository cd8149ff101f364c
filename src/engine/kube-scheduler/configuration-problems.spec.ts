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
    [profile({ plugins: { bind: {} } }), 'profiles[0].plugins.bind', 'is not a known field'],
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
