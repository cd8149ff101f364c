import { instant } from '../kernel/clock.js';
import { resolvable } from './framework.js';
import { DecisionRing, type Decision } from './decision-ring.js';
import { NodeInfo } from './node-info.js';
import { nodeName } from './plugins/node-name.js';

const REJECTION = resolvable('no');

function decision(name: string, nodeCount: number): Decision {
  const nodes = Array.from({ length: nodeCount }, (_, index) => new NodeInfo(`n${index}`));
  const rejections = { nodes, reasons: nodes.map(() => REJECTION), plugins: nodes.map(() => nodeName) };
  return {
    at: instant(0),
    pod: { key: `default/${name}`, uid: name },
    schedulerName: 'default-scheduler',
    attempt: 1,
    result: 'Unschedulable',
    nodeName: undefined,
    message: '',
    considered: { nodeCount, everywhere: undefined, elsewhere: undefined, rejections, feasible: [], scored: [] },
    preemption: undefined,
  };
}

const remembered = (ring: DecisionRing, names: readonly string[]) =>
  names.filter((name) => ring.about(`default/${name}`).length > 0).length;

describe('DecisionRing', () => {
  it('gives the decisions about one pod, oldest first', () => {
    const ring = new DecisionRing();
    const [first, other, second] = [decision('a', 1), decision('b', 1), decision('a', 2)];
    for (const each of [first, other, second]) ring.record(each);
    expect(ring.about('default/a')).toEqual([first, second]);
    expect(ring.about('default/c')).toEqual([]);
  });

  it('forgets the oldest: by their number in small clusters, by what they hold in large ones', () => {
    const names = Array.from({ length: 3_000 }, (_, index) => `p${index}`);
    const small = new DecisionRing();
    for (const name of names) small.record(decision(name, 3));
    expect(remembered(small, names)).toBe(1_000);
    expect(small.about('default/p2999')).toHaveLength(1);
    const large = new DecisionRing();
    for (const name of names.slice(0, 100)) large.record(decision(name, 5_000));
    expect(remembered(large, names)).toBe(49);
  });

  it('keeps the latest, however much it holds', () => {
    const ring = new DecisionRing();
    ring.record(decision('a', 300_000));
    expect(ring.about('default/a')).toHaveLength(1);
  });
});
