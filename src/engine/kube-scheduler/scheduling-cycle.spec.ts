import { Random } from '../kernel/random.js';
import type { Pod } from '../machinery/api/core-v1.js';
import { definePlugin, rejection } from './framework.js';
import { NodeInfo } from './node-info.js';
import { plugins } from './plugins/registry.js';
import { SchedulingCycle } from './scheduling-cycle.js';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', uid: 'p' },
  spec: { containers: [{ name: 'app' }] },
};

const nodes = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const info = new NodeInfo(`n${index}`);
    info.setNode({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: info.name },
      spec: {},
      status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } },
    });
    return info;
  });

const picks = (count: number, times: number, seed = 1) => {
  const cycle = new SchedulingCycle(plugins, Random.seeded(seed));
  const all = nodes(count);
  return Array.from({ length: times }, () => cycle.run(pod, all).node?.name);
};

describe('SchedulingCycle', () => {
  it('draws lots among equally good nodes, the same for one seed', () => {
    expect(new Set(picks(3, 60))).toEqual(new Set(['n0', 'n1', 'n2']));
    expect(picks(3, 60, 7)).toEqual(picks(3, 60, 7));
  });

  it('looks at a part of a large cluster, and each time at the next part', () => {
    const looked: string[] = [];
    const counting = definePlugin({ name: 'Counting', filter: (_pod, { name }) => void looked.push(name) });
    const cycle = new SchedulingCycle([counting], Random.seeded(1));
    const all = nodes(1_000);
    cycle.run(pod, all);
    expect(looked).toHaveLength(420);
    cycle.run(pod, all);
    expect(looked[420]).toBe('n420');
  });

  it('says who rejected the pod, where and why', () => {
    const never = definePlugin({ name: 'Never', filter: () => rejection('no', { unresolvable: false }) });
    const outcome = new SchedulingCycle([never], Random.seeded(1)).run(pod, nodes(2));
    expect(outcome.node).toBeUndefined();
    expect(outcome).toMatchObject({ diagnosis: { nodeCount: 2 }, rejectedBy: new Set([never]) });
  });
});
