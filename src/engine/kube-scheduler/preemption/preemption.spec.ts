import { nodeOf, podOf, TestWorld } from '../../../../test/support/scheduling-world.js';
import { instant } from '../../kernel/clock.js';
import { EventLoop } from '../../kernel/event-loop.js';
import { Random } from '../../kernel/random.js';
import type { Pod, PodSpec } from '../../machinery/api/core-v1.js';
import { plugins } from '../plugins/registry.js';
import { profilesOf } from '../profile.js';
import { SchedulingCycle } from '../scheduling-cycle.js';
import { Preemption } from './preemption.js';

const START = instant(Date.UTC(2026, 0, 1));

const important = (name: string, priority: number, cpu: string, spec: Partial<PodSpec> = {}): Pod => {
  const pod = podOf(name, { requests: { cpu }, labels: { app: name }, spec: { priority, ...spec } });
  return { ...pod, spec: { ...pod.spec, containers: podOf(name, { requests: { cpu } }).spec.containers } };
};

const startedAt = (pod: Pod, second: number): Pod => ({
  ...pod,
  status: { startTime: `2025-12-31T00:00:${String(second).padStart(2, '0')}Z` },
});

const budget = (app: string, disruptionsAllowed: number) => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: app, namespace: 'default' },
  spec: { selector: { matchLabels: { app } } },
  status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
});

function attempt(world: TestWorld, pod: Pod, seed = 1) {
  const [profile] = profilesOf({}, plugins).values();
  const loop = new EventLoop(START, Random.seeded(seed));
  const search = new SchedulingCycle(world.nominator, loop.random).search(world.cycle(pod), profile!);
  expect(search.node).toBeUndefined();
  const outcome = new Preemption(loop).attempt(search, profile!.preemption);
  const { chosen, message, nominated } = outcome;
  return {
    node: chosen?.node.name,
    victims: chosen?.victims.map(({ pod: { metadata } }) => metadata.name),
    message,
    nominated,
  };
}

const nodes = (count: number) => Array.from({ length: count }, (_, index) => nodeOf(`n${index}`));

describe('Preemption', () => {
  it('takes the fewest pods, the least important first', () => {
    const world = new TestWorld(nodes(1)).place(
      'n0',
      important('a', 1, '2'),
      important('b', 2, '1'),
      important('c', 3, '1'),
    );
    expect(attempt(world, important('p', 10, '1'))).toMatchObject({ node: 'n0', victims: ['a'] });
    expect(attempt(world, important('p', 10, '3'))).toMatchObject({ node: 'n0', victims: ['b', 'a'] });
  });

  it('leaves everything in its place', () => {
    const world = new TestWorld(nodes(2));
    world.place('n0', important('a', 1, '4')).place('n1', important('b', 1, '4'));
    const before = world.cache.nodes.map(({ requested, podCount }) => ({ requested: { ...requested }, podCount }));
    const apart: Partial<PodSpec> = {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'a' } } },
          ],
        },
      },
    };
    expect(attempt(world, important('p', 10, '1', apart)).node).toBeDefined();
    expect(world.cache.nodes.map(({ requested, podCount }) => ({ requested: { ...requested }, podCount }))).toEqual(
      before,
    );
  });

  it.each<[string, readonly Pod[], readonly Pod[], string]>([
    ['whose most important victim is the least important', [important('a', 5, '4')], [important('b', 4, '4')], 'n1'],
    [
      'with the lesser sum of priorities',
      [important('a', 5, '2'), important('a2', 5, '2')],
      [important('b', 5, '4')],
      'n1',
    ],
    [
      'whose victims started last',
      [startedAt(important('a', 5, '4'), 1)],
      [startedAt(important('b', 5, '4'), 9)],
      'n1',
    ],
  ])('prefers the node %s', (_, first, second, expected) => {
    const world = new TestWorld(nodes(2)).place('n0', ...first).place('n1', ...second);
    expect(attempt(world, important('p', 10, '4')).node).toBe(expected);
  });

  it('spares disruption budgets where it can, and breaks them where it must', () => {
    const world = new TestWorld(nodes(2)).place('n0', important('kept', 1, '4')).place('n1', important('free', 5, '4'));
    world.objects.put(budget('kept', 0));
    expect(attempt(world, important('p', 10, '4'))).toMatchObject({ node: 'n1', victims: ['free'] });
    const alone = new TestWorld(nodes(1)).place('n0', important('kept', 1, '4'));
    alone.objects.put(budget('kept', 0));
    expect(attempt(alone, important('p', 10, '4'))).toMatchObject({ node: 'n0', victims: ['kept'] });
  });

  it('says why it came to nothing', () => {
    const world = new TestWorld(nodes(2)).place('n0', important('a', 20, '4')).place('n1', important('b', 20, '4'));
    expect(attempt(world, important('p', 10, '1'))).toMatchObject({
      nominated: '',
      message: '0/2 nodes are available: 2 No preemption victims found for incoming pod.',
    });
    expect(attempt(world, important('p', 30, '9')).message).toBe(
      '0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    );
    expect(attempt(world, important('p', 30, '1', { preemptionPolicy: 'Never' })).message).toBe(
      'not eligible due to preemptionPolicy=Never.',
    );
  });

  it('waits for victims that are on their way out of the promised node', () => {
    const going = important('a', 1, '4');
    const victim: Pod = {
      ...going,
      metadata: { ...going.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
      status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }] },
    };
    const world = new TestWorld(nodes(1)).place('n0', victim);
    const pod = { ...important('p', 10, '4'), status: { nominatedNodeName: 'n0' } };
    expect(attempt(world, pod)).toMatchObject({
      node: undefined,
      nominated: undefined,
      message: 'not eligible due to a terminating pod on the nominated node.',
    });
  });

  it('reckons with pods that were promised a node before', () => {
    const world = new TestWorld(nodes(1)).place('n0', important('a', 1, '2'), important('b', 1, '2'));
    const first = world.cycle(important('first', 10, '2')).info;
    world.nominator.set(first, 'n0');
    expect(attempt(world, important('p', 10, '2'))).toMatchObject({ victims: ['a', 'b'] });
  });

  it('finds victims without whom the pod fits, and none of whom could stay', () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = Random.seeded(seed);
      const world = new TestWorld(nodes(3));
      for (let index = 0; index < 9; index++) {
        const pod = important(`p${index}`, random.below(4), String(1 + random.below(2)));
        const target = world.node(`n${random.below(3)}`);
        const wanted = Number(pod.spec.containers[0]?.resources?.requests?.['cpu'] ?? 0) * 1_000;
        if ((target.requested['cpu'] ?? 0) + wanted <= 4_000) world.place(target.name, pod);
      }
      const pod = important('incoming', 4, '4');
      if (world.cache.nodes.some(({ podCount }) => podCount === 0)) continue;
      const { node = '', victims = [] } = attempt(world, pod, seed);
      const left = Array.from(world.node(node).pods).filter(
        ({ pod: { metadata } }) => !victims.includes(metadata.name),
      );
      const used = left.reduce((sum, { requests }) => sum + (requests['cpu'] ?? 0), 0);
      expect(used).toBe(0);
      expect(victims.length).toBeGreaterThan(0);
    }
  });
});
