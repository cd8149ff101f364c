import { Random } from '../kernel/random.js';
import { nodeOf, podOf, TestWorld } from '../../../test/support/scheduling-world.js';
import type { SchedulerConfiguration } from './configuration.js';
import { definePlugin, resolvable, type Plugin } from './framework.js';
import { Nominator } from './nominator.js';
import { plugins } from './plugins/registry.js';
import { profilesOf, type Profile } from './profile.js';
import { SchedulingCycle } from './scheduling-cycle.js';

const worldOf = (count: number) => new TestWorld(Array.from({ length: count }, (_, index) => nodeOf(`n${index}`)));

function profileOf(registry: readonly Plugin[], configuration: SchedulerConfiguration = {}): Profile {
  const [profile] = profilesOf(configuration, registry).values();
  return profile!;
}

const picks = (count: number, times: number, seed = 1) => {
  const cycle = new SchedulingCycle(new Nominator(), Random.seeded(seed));
  const world = worldOf(count);
  const profile = profileOf(plugins);
  return Array.from({ length: times }, () => cycle.search(world.cycle(podOf('p')), profile).node?.name);
};

describe('SchedulingCycle', () => {
  it('draws lots among equally good nodes, the same for one seed', () => {
    expect(new Set(picks(3, 60))).toEqual(new Set(['n0', 'n1', 'n2']));
    expect(picks(3, 60, 7)).toEqual(picks(3, 60, 7));
  });

  it.each([
    [1_000, 0, 420],
    [5_000, 0, 500],
    [1_000, 20, 200],
    [1_000, 1, 100],
    [99, 20, 99],
  ])('of %i nodes with a share of %i percent looks at %i, and each time at the next part', (count, share, expected) => {
    const looked: string[] = [];
    const counting = definePlugin({
      name: 'Counting',
      filter: () => ({ check: ({ name }) => void looked.push(name) }),
      score: () => ({ score: () => 1 }),
    });
    const cycle = new SchedulingCycle(new Nominator(), Random.seeded(1));
    const world = worldOf(count);
    const profile = profileOf([counting], { percentageOfNodesToScore: share });
    cycle.search(world.cycle(podOf('p')), profile);
    expect(looked).toHaveLength(expected);
    cycle.search(world.cycle(podOf('p')), profile);
    expect(looked[expected]).toBe(`n${expected % count}`);
  });

  it('takes the first node that fits where nothing scores', () => {
    const looked: string[] = [];
    const counting = definePlugin({
      name: 'Counting',
      filter: () => ({ check: ({ name }) => void looked.push(name) }),
    });
    const cycle = new SchedulingCycle(new Nominator(), Random.seeded(1));
    expect(cycle.search(worldOf(5).cycle(podOf('p')), profileOf([counting])).node?.name).toBe('n0');
    expect(looked).toEqual(['n0']);
  });

  it('says who rejected the pod, where and why', () => {
    const no = resolvable('no');
    const never = definePlugin({ name: 'Never', filter: () => ({ check: () => no }) });
    const cycle = new SchedulingCycle(new Nominator(), Random.seeded(1));
    const { node, rejections } = cycle.search(worldOf(2).cycle(podOf('p')), profileOf([never]));
    expect(node).toBeUndefined();
    expect(rejections.nodes.map(({ name }) => name)).toEqual(['n0', 'n1']);
    expect(rejections.reasons).toEqual([no, no]);
    expect(rejections.plugins).toEqual([never, never]);
  });

  it('looks at the promised node first', () => {
    const world = worldOf(3);
    const cycle = new SchedulingCycle(world.nominator, Random.seeded(1));
    const pod = { ...podOf('p'), status: { nominatedNodeName: 'n2' } };
    const { feasible } = cycle.search(world.cycle(pod), profileOf(plugins));
    expect(feasible.map(({ name }) => name)).toEqual(['n2']);
  });

  it('weighs scores as the profile says', () => {
    const liking = (name: string, favourite: string) =>
      definePlugin({ name, score: () => ({ score: (node) => (node.name === favourite ? 100 : 0) }) });
    const registry = [liking('NodeAffinity', 'n0'), liking('ImageLocality', 'n1')];
    const chosen = (weight: number) => {
      const cycle = new SchedulingCycle(new Nominator(), Random.seeded(1));
      const score = { enabled: [{ name: 'ImageLocality', weight }] };
      const profile = profileOf(registry, { profiles: [{ plugins: { score } }] });
      return cycle.search(worldOf(2).cycle(podOf('p')), profile).node?.name;
    };
    expect(chosen(2)).toBe('n1');
  });

  it('deals a search out over the zones', () => {
    const zones = ['a', 'a', 'a', 'b', 'b', 'c'];
    const world = new TestWorld(
      zones.map((zone, index) => nodeOf(`n${index}`, { labels: { 'topology.kubernetes.io/zone': zone } })),
    );
    expect(world.cache.nodes.map(({ name }) => name)).toEqual(['n0', 'n3', 'n5', 'n1', 'n4', 'n2']);
  });
});
