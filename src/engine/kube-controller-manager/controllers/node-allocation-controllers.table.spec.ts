import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const TTL = 'node.alpha.kubernetes.io/ttl';
const ranged = (podCIDR: string): Json => ({ spec: { podCIDR, podCIDRs: [podCIDR] } });
const NONE = { spec: { podCIDR: undefined, podCIDRs: undefined } };
const ttl = (value: string): Json => ({ metadata: { annotations: { [TTL]: value } } });
const nodes = (count: number, object: Json = {}): Record<string, Json> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`nodes/n${index + 1}`, object]));

describe('node-ipam-controller', () => {
  controllerTable('node-ipam-controller', [
    {
      name: 'gives nodes that have none one range each',
      before: nodes(2),
      after: { 'nodes/n1': ranged('10.128.0.0/24'), 'nodes/n2': ranged('10.128.1.0/24') },
    },
    {
      name: 'leaves a node its own range, and gives it to nobody else',
      before: { 'nodes/n1': ranged('10.128.0.0/24'), 'nodes/n2': {} },
      after: { 'nodes/n1': ranged('10.128.0.0/24'), 'nodes/n2': ranged('10.128.1.0/24') },
    },
    {
      name: 'steps over a range that is larger than a node’s',
      before: { 'nodes/n1': ranged('10.128.0.0/22'), 'nodes/n2': {} },
      after: { 'nodes/n2': ranged('10.128.4.0/24') },
    },
    {
      name: 'minds no range outside the cluster’s',
      before: { 'nodes/n1': ranged('192.168.0.0/24'), 'nodes/n2': ranged('fd00::/64'), 'nodes/n3': {} },
      after: { 'nodes/n3': ranged('10.128.0.0/24') },
    },
    {
      name: 'goes on behind the last range rather than give a free one at once again',
      before: nodes(2),
      act(world) {
        world.remove('nodes/n1');
        world.run(1);
        world.put('nodes/n3', {});
      },
      after: { 'nodes/n3': ranged('10.128.2.0/24') },
    },
    {
      name: 'gives nothing to a node that is on its way out',
      before: { 'nodes/n1': { metadata: { finalizers: ['example.com/see'], deletionTimestamp: 'now' } } },
      after: { 'nodes/n1': NONE },
    },
    {
      name: 'says so when there is nothing left, and tries again',
      before: { 'nodes/n1': ranged('10.128.0.0/9'), 'nodes/n2': {} },
      seconds: 0.008,
      after: { 'nodes/n2': NONE },
      events: ['Node/n2 Normal CIDRNotAvailable: Node n2 status is now: CIDRNotAvailable (x2)'],
    },
    {
      name: 'gives a node that waited what another one had',
      before: { 'nodes/n1': ranged('10.128.0.0/9'), 'nodes/n2': {} },
      act: (world) => world.remove('nodes/n1'),
      after: { 'nodes/n2': ranged('10.128.0.0/24') },
      events: ['Node/n2 Normal CIDRNotAvailable: Node n2 status is now: CIDRNotAvailable (x5)'],
    },
  ]);
});

describe('ttl-controller', () => {
  controllerTable('ttl-controller', [
    { name: 'says 0 in a small cluster', before: nodes(1), after: { 'nodes/n1': ttl('0') } },
    { name: 'says 0 up to 100 nodes', before: nodes(100), after: { 'nodes/n1': ttl('0'), 'nodes/n100': ttl('0') } },
    {
      name: 'says 15 from 101 nodes on',
      before: nodes(101),
      after: { 'nodes/n1': ttl('15'), 'nodes/n101': ttl('15') },
    },
    {
      name: 'goes on saying 15 down to 90 nodes',
      before: nodes(101),
      act(world) {
        for (let number = 101; number > 90; number--) world.remove(`nodes/n${number}`);
      },
      after: { 'nodes/n1': ttl('15') },
    },
    {
      name: 'says 0 again below 90',
      before: nodes(101),
      act(world) {
        for (let number = 101; number > 89; number--) world.remove(`nodes/n${number}`);
      },
      after: { 'nodes/n1': ttl('0') },
    },
    {
      name: 'says 30 beyond 500 nodes',
      before: nodes(501),
      after: { 'nodes/n1': ttl('30') },
    },
    {
      name: 'corrects what somebody else wrote',
      before: { 'nodes/n1': { metadata: { annotations: { [TTL]: 'long', other: 'stays' } } } },
      after: { 'nodes/n1': { metadata: { annotations: { [TTL]: '0', other: 'stays' } } } },
    },
    {
      name: 'puts back what somebody took away',
      before: nodes(1),
      act: (world) => world.patch('nodes/n1', { metadata: { annotations: null } }),
      after: { 'nodes/n1': ttl('0') },
    },
  ]);
});
