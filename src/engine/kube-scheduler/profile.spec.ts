import { EXTENSION_POINTS } from './extension-points.js';
import { plugins } from './plugins/registry.js';
import { profilesOf } from './profile.js';

const only = (configuration: Parameters<typeof profilesOf>[0]) => {
  const [profile] = profilesOf(configuration, plugins).values();
  return profile!;
};
const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);

describe('profilesOf', () => {
  it('gives upstream’s default profile where nothing is said', () => {
    const { schedulerName, filters, scorers, percentageOfNodesToScore } = only({});
    expect({ schedulerName, percentageOfNodesToScore }).toEqual({
      schedulerName: 'default-scheduler',
      percentageOfNodesToScore: 0,
    });
    expect(names(filters)).toEqual([
      'NodeUnschedulable',
      'NodeName',
      'TaintToleration',
      'NodeAffinity',
      'NodePorts',
      'NodeResourcesFit',
      'VolumeRestrictions',
      'NodeVolumeLimits',
      'VolumeBinding',
      'VolumeZone',
      'PodTopologySpread',
      'InterPodAffinity',
      'DynamicResources',
    ]);
    expect(scorers.map(({ plugin: { name }, weight }) => `${name} ${weight}`)).toEqual([
      'TaintToleration 3',
      'NodeAffinity 2',
      'NodeResourcesFit 1',
      'PodTopologySpread 2',
      'InterPodAffinity 2',
      'DynamicResources 2',
      'NodeResourcesBalancedAllocation 1',
      'ImageLocality 1',
    ]);
  });

  it('leaves out what is disabled, everywhere or at one point', () => {
    const everywhere = only({ profiles: [{ plugins: { multiPoint: { disabled: [{ name: 'TaintToleration' }] } } }] });
    expect(names(everywhere.filters)).not.toContain('TaintToleration');
    const scoring = only({
      profiles: [
        { plugins: { score: { disabled: [{ name: '*' }], enabled: [{ name: 'ImageLocality', weight: 7 }] } } },
      ],
    });
    expect(scoring.scorers.map(({ plugin: { name }, weight }) => `${name} ${weight}`)).toEqual(['ImageLocality 7']);
    expect(names(scoring.filters)).toContain('TaintToleration');
  });

  it.each([
    ['all points alike', 'multiPoint'],
    ['the point of scores', 'score'],
  ])('gives a plugin that is enabled again at %s the weight 1 where none is said', (_, point) => {
    const enabled = [{ name: 'TaintToleration' }, { name: 'NodeAffinity', weight: 0 }];
    const { scorers } = only({ profiles: [{ plugins: { [point]: { enabled } } }] });
    const weights = Object.fromEntries(scorers.map(({ plugin: { name }, weight }) => [name, weight]));
    expect(weights).toMatchObject({ TaintToleration: 1, NodeAffinity: 1, PodTopologySpread: 2 });
  });

  it('knows of each of its plugins where upstream asks it', () => {
    const at = (point: string) => EXTENSION_POINTS.find((each) => each.point === point)?.plugins;
    for (const { name, filter, score, reserve, preEnqueue } of plugins) {
      if (filter !== undefined) expect(at('filter')).toContain(name);
      if (score !== undefined) expect(at('score')).toContain(name);
      if (reserve !== undefined) expect(at('reserve')).toContain(name);
      if (preEnqueue !== undefined) expect(at('preEnqueue')).toContain(name);
    }
  });

  it('keeps several profiles apart', () => {
    const profiles = profilesOf(
      {
        percentageOfNodesToScore: 30,
        profiles: [
          { schedulerName: 'a', percentageOfNodesToScore: 100 },
          {
            schedulerName: 'b',
            pluginConfig: [{ name: 'DefaultPreemption', args: { minCandidateNodesAbsolute: 5 } }],
          },
        ],
      },
      plugins,
    );
    expect(Array.from(profiles.values(), ({ percentageOfNodesToScore }) => percentageOfNodesToScore)).toEqual([
      100, 30,
    ]);
    expect(profiles.get('b')?.preemption).toEqual({ minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 5 });
  });

  it.each([
    [
      'a plugin that is not there',
      { profiles: [{ plugins: { filter: { enabled: [{ name: 'Nope' }] } } }] },
      'creating profile for scheduler name default-scheduler: FilterPlugin "Nope" does not exist',
    ],
    [
      'two profiles of one name',
      { profiles: [{ schedulerName: 'a' }, { schedulerName: 'a' }] },
      'profiles: duplicate schedulerName "a"',
    ],
    [
      'a profile without a name beside others',
      { profiles: [{ schedulerName: 'a' }, {}] },
      'profiles: every profile needs a schedulerName',
    ],
  ])('refuses %s', (_, configuration, message) => {
    expect(() => profilesOf(configuration, plugins)).toThrow(message);
  });
});
