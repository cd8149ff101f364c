import type { Node, Pod, PodSpec } from '../../machinery/api/core-v1.js';
import { nodeOf, podOf, TestWorld } from '../../../../test/support/scheduling-world.js';
import type { Plugin } from '../framework.js';
import { podInfo } from '../pod-info.js';
import { tolerates } from '../taints.js';
import { imageLocality } from './image-locality.js';
import { nodeAffinity } from './node-affinity.js';
import { nodeName } from './node-name.js';
import { nodePorts } from './node-ports.js';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.js';
import { nodeResourcesFit } from './node-resources-fit.js';
import { nodeUnschedulable } from './node-unschedulable.js';
import { schedulingGates } from './scheduling-gates.js';
import { taintToleration } from './taint-toleration.js';

const podWith = (spec: Partial<PodSpec>, name = 'p'): Pod => podOf(name, { spec });
const asking = (cpu: string, memory: string, name = 'p') => podOf(name, { requests: { cpu, memory } });

const nodeWith = (spec: Node['spec'] = {}, labels: Record<string, string> = {}, name = 'n') =>
  nodeOf(name, { spec, labels, allocatable: { cpu: '4', memory: '8Gi', pods: '3' } });

/** What the plugin says of the pair: the reasons, or nothing. */
const verdict = (plugin: Plugin, pod: Pod, node: Node, there: readonly Pod[] = []) =>
  new TestWorld([node]).place(node.metadata.name, ...there).verdict(plugin, pod, node.metadata.name);

const scoreOf = (plugin: Plugin, pod: Pod, node: Node, there: readonly Pod[] = []) =>
  new TestWorld([node]).place(node.metadata.name, ...there).scores(plugin, pod, 'raw')?.[node.metadata.name];

describe('TaintToleration', () => {
  const tainted = nodeWith({ taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] });
  it.each([
    ['no toleration', [], ['node(s) had untolerated taint(s)']],
    ['the same key and value', [{ key: 'gpu', value: 'yes' }], undefined],
    ['another value', [{ key: 'gpu', value: 'no' }], ['node(s) had untolerated taint(s)']],
    ['the key whatever its value', [{ key: 'gpu', operator: 'Exists' }], undefined],
    ['everything', [{ operator: 'Exists' }], undefined],
    ['another effect', [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }], ['node(s) had untolerated taint(s)']],
  ])('with %s', (_, tolerations, expected) => {
    expect(verdict(taintToleration, podWith({ tolerations }), tainted)).toEqual(expected);
  });

  it('leaves alone what merely prefers not to', () => {
    const reluctant = nodeWith({ taints: [{ key: 'slow', effect: 'PreferNoSchedule' }] });
    expect(verdict(taintToleration, podWith({}), reluctant)).toBeUndefined();
    const world = new TestWorld([
      nodeWith({ taints: [{ key: 'slow', effect: 'PreferNoSchedule' }] }),
      nodeWith({}, {}, 'm'),
    ]);
    expect(world.scores(taintToleration, podWith({}))).toEqual({ n: 0, m: 100 });
  });

  it('treats an empty key with Exists as every taint', () => {
    expect(tolerates({ key: '', operator: 'Exists' }, { key: 'any', effect: 'NoExecute' })).toBe(true);
  });
});

describe('NodeAffinity', () => {
  const inZone = (zone: string) => nodeWith({}, { zone });
  const requiring = (operator: string, values?: string[]) =>
    podWith({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator, ...(values ? { values } : {}) }] }],
          },
        },
      },
    });
  const refused = ["node(s) didn't match Pod's node affinity/selector"];
  it.each([
    ['In', ['a', 'b'], undefined],
    ['NotIn', ['a'], refused],
    ['Exists', undefined, undefined],
    ['DoesNotExist', undefined, refused],
  ])('requires by %s', (operator, values, expected) => {
    expect(verdict(nodeAffinity, requiring(operator, values), inZone('a'))).toEqual(expected);
  });

  it('compares numbers', () => {
    const node = nodeWith({}, { zone: '10' });
    expect(verdict(nodeAffinity, requiring('Gt', ['9']), node)).toBeUndefined();
    expect(verdict(nodeAffinity, requiring('Lt', ['9']), node)).toEqual(refused);
    expect(verdict(nodeAffinity, requiring('Gt', ['nine']), node)).toEqual(refused);
  });

  it('heeds the node selector', () => {
    expect(verdict(nodeAffinity, podWith({ nodeSelector: { zone: 'a' } }), inZone('a'))).toBeUndefined();
    expect(verdict(nodeAffinity, podWith({ nodeSelector: { zone: 'b' } }), inZone('a'))).toEqual(refused);
  });

  it('sums the weights of what it prefers', () => {
    const preference = { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] };
    const pod = podWith({
      affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 30, preference }] } },
    });
    expect(scoreOf(nodeAffinity, pod, inZone('a'))).toBe(30);
    expect(scoreOf(nodeAffinity, pod, inZone('b'))).toBe(0);
    expect(scoreOf(nodeAffinity, podWith({}), inZone('a'))).toBeUndefined();
  });
});

describe('NodeResourcesFit', () => {
  it('names every resource that is short, in one answer', () => {
    expect(verdict(nodeResourcesFit, asking('5', '9Gi'), nodeWith())).toEqual([
      'Insufficient cpu',
      'Insufficient memory',
    ]);
    expect(verdict(nodeResourcesFit, asking('4', '8Gi'), nodeWith())).toBeUndefined();
  });

  it('counts what is there already', () => {
    const there = [asking('3', '1Gi', 'a')];
    expect(verdict(nodeResourcesFit, asking('2', '1Gi'), nodeWith(), there)).toEqual(['Insufficient cpu']);
    expect(verdict(nodeResourcesFit, asking('2', '1Gi'), nodeWith())).toBeUndefined();
  });

  it('holds at most as many pods as the node allows', () => {
    const there = ['a', 'b', 'c'].map((name) => podWith({}, name));
    expect(verdict(nodeResourcesFit, podWith({}), nodeWith(), there)).toEqual(['Too many pods']);
  });

  it('reckons the largest init container, not their sum', () => {
    const init = (cpu: string) => ({ name: cpu, resources: { requests: { cpu } } });
    const pod = podWith({
      initContainers: [init('3'), init('4')],
      containers: [{ name: 'app', resources: { requests: { cpu: '1' } } }],
    });
    expect(podInfo(pod).requests).toEqual({ cpu: 4_000 });
  });

  it('prefers the emptier node', () => {
    const there = [asking('2', '4Gi', 'a')];
    expect(scoreOf(nodeResourcesFit, asking('1', '2Gi'), nodeWith())).toBe(75);
    expect(scoreOf(nodeResourcesFit, asking('1', '2Gi'), nodeWith(), there)).toBe(25);
  });

  it.each([
    ['MostAllocated', {}, 25],
    [
      'RequestedToCapacityRatio',
      {
        requestedToCapacityRatio: {
          shape: [
            { utilization: 0, score: 0 },
            { utilization: 100, score: 10 },
          ],
        },
      },
      25,
    ],
  ])('values nodes by %s where it is told to', (type, more, expected) => {
    const told = nodeResourcesFit.configure?.({ scoringStrategy: { type, ...more } });
    expect(scoreOf(told!, asking('1', '2Gi'), nodeWith())).toBe(expected);
  });

  it('leaves alone the extended resources that it is told to ignore', () => {
    const pod = podOf('p', { requests: { 'example.com/gpu': '1' } });
    expect(verdict(nodeResourcesFit, pod, nodeWith())).toEqual(['Insufficient example.com/gpu']);
    const told = nodeResourcesFit.configure?.({ ignoredResourceGroups: ['example.com'] });
    expect(verdict(told!, pod, nodeWith())).toBeUndefined();
  });
});

describe('NodeResourcesBalancedAllocation', () => {
  it('prefers like shares of CPU and memory', () => {
    expect(scoreOf(nodeResourcesBalancedAllocation, asking('2', '4Gi'), nodeWith())).toBe(100);
    expect(scoreOf(nodeResourcesBalancedAllocation, asking('4', '0'), nodeWith())).toBe(50);
  });

  it('has no say on a pod that asks for nothing', () => {
    expect(scoreOf(nodeResourcesBalancedAllocation, podWith({}), nodeWith())).toBeUndefined();
  });
});

describe('NodePorts', () => {
  const publishing = (hostPort: number, hostIP = '', protocol = 'TCP', uid = 'p') =>
    podWith({ containers: [{ name: 'app', ports: [{ containerPort: 80, hostPort, hostIP, protocol }] }] }, uid);
  const there = [publishing(8080, '10.0.0.1', 'TCP', 'a')];
  const refused = ["node(s) didn't have free ports for the requested pod ports"];
  it.each([
    ['the same port at every address', publishing(8080), refused],
    ['the same port at another address', publishing(8080, '10.0.0.2'), undefined],
    ['the same port by another protocol', publishing(8080, '', 'UDP'), undefined],
    ['another port', publishing(8081), undefined],
    ['no port', podWith({}), undefined],
  ])('for %s', (_, pod, expected) => {
    expect(verdict(nodePorts, pod, nodeWith(), there)).toEqual(expected);
  });
});

describe('NodeName', () => {
  it('fits at the named node only', () => {
    expect(verdict(nodeName, podWith({ nodeName: 'n' }), nodeWith())).toBeUndefined();
    expect(verdict(nodeName, podWith({ nodeName: 'm' }), nodeWith())).toEqual([
      "node(s) didn't match the requested node name",
    ]);
  });
});

describe('NodeUnschedulable', () => {
  it('avoids cordoned nodes, unless that is tolerated', () => {
    const cordoned = nodeWith({ unschedulable: true });
    expect(verdict(nodeUnschedulable, podWith({}), cordoned)).toEqual(['node(s) were unschedulable']);
    const tolerations = [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists' }];
    expect(verdict(nodeUnschedulable, podWith({ tolerations }), cordoned)).toBeUndefined();
  });
});

describe('SchedulingGates', () => {
  it('holds a gated pod back', () => {
    const gated = podWith({ schedulingGates: [{ name: 'a.example' }, { name: 'b.example' }] });
    expect(schedulingGates.preEnqueue?.(gated, new TestWorld())?.reasons).toEqual([
      'waiting for scheduling gates: [a.example b.example]',
    ]);
    expect(schedulingGates.preEnqueue?.(podWith({}), new TestWorld())).toBeUndefined();
  });
});

describe('ImageLocality', () => {
  const MEBIBYTE = 1_024 * 1_024;
  const having = (name: string, mebibytes?: number) =>
    nodeOf(
      name,
      mebibytes === undefined ? {} : { images: [{ names: ['app:latest'], sizeBytes: mebibytes * MEBIBYTE }] },
    );
  const pod = podWith({ containers: [{ name: 'app', image: 'app' }] });

  it('prefers nodes that have the image, as far as it is spread', () => {
    const world = new TestWorld([having('a', 400), having('b')]);
    expect(world.scores(imageLocality, pod)).toEqual({ a: Math.floor((100 * (200 - 23)) / (1_000 - 23)), b: 0 });
  });

  it('values what is small at nothing, and what is huge at most', () => {
    const world = new TestWorld([having('a', 5_000)]);
    expect(world.scores(imageLocality, pod)).toEqual({ a: 100 });
    expect(new TestWorld([having('a', 23)]).scores(imageLocality, pod)).toEqual({ a: 0 });
  });
});
