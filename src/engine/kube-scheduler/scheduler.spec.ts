import { createApiHarness } from '../../../test/support/engine-harness.js';
import { Client } from '../client/client.js';
import { instant, milliseconds } from '../kernel/clock.js';
import { event } from '../kinds/event.js';
import { node as nodeKind } from '../kinds/node.js';
import { pod as podKind } from '../kinds/pod.js';
import { priorityClass } from '../kinds/priority-class.js';
import type { Pod, PodSpec } from '../machinery/api/core-v1.js';
import { clusterAdministrator } from '../machinery/user.js';
import type { SchedulerConfiguration } from './configuration.js';
import { Scheduler } from './scheduler.js';

const identity = { user: clusterAdministrator, fieldManager: 'test' };

/** An API server with a scheduler and nodes that run nothing. */
function clusterOf(nodeNames: readonly string[], configuration: SchedulerConfiguration = {}) {
  const { loop, server } = createApiHarness();
  const errors: string[] = [];
  const client = new Client({
    ...identity,
    api: server.resources,
    simulation: loop,
    propagation: milliseconds(1),
    onError: ({ message }) => void errors.push(message),
  });
  const addNode = (name: string): void => {
    client.create(nodeKind, undefined, {
      metadata: { name, labels: { 'kubernetes.io/hostname': name } },
      spec: {},
      status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } },
    });
    // Every new node is tainted as not ready; here nobody else finds it ready.
    client.patch(nodeKind, name, { spec: { taints: null } });
  };
  nodeNames.forEach(addNode);
  for (const [name, value] of [
    ['low', 1],
    ['high', 1_000],
  ] as const) {
    client.create(priorityClass, undefined, { metadata: { name }, value });
  }
  const scheduler = new Scheduler({ client, configuration });
  scheduler.start();
  const run = (seconds: number) => loop.run(instant(loop.now + seconds * 1_000), () => true);
  const add = (name: string, cpu: string, spec: Partial<PodSpec> = {}) => {
    const containers = [{ name: 'app', image: 'registry.example/app:1', resources: { requests: { cpu } } }];
    client.create(podKind, 'default', {
      metadata: { name, labels: { app: name } },
      spec: { containers, terminationGracePeriodSeconds: 0, ...spec },
    });
    run(1);
  };
  const pod = (name: string): Pod | undefined => client.get(podKind, `default/${name}`);
  const scheduled = (name: string) => pod(name)?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const said = (name: string) =>
    client
      .list(event, 'default')
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason = '', message = '' }) => `${reason}: ${message}`);
  run(1);
  return { client, scheduler, run, add, addNode, pod, scheduled, said, errors };
}

describe('Scheduler', () => {
  it('binds pods and tells of it', () => {
    const { add, pod, said, errors } = clusterOf(['n1']);
    add('a', '1');
    expect(pod('a')?.spec.nodeName).toBe('n1');
    expect(said('a')).toEqual(['Scheduled: Successfully assigned default/a to n1']);
    expect(errors).toEqual([]);
  });

  it('says why a pod fits nowhere, once, and finds it a node when one comes', () => {
    const { add, addNode, pod, scheduled, said, run, scheduler } = clusterOf(['n1']);
    add('a', '4');
    add('b', '1');
    const message =
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
    expect(scheduled('b')).toMatchObject({ status: 'False', reason: 'Unschedulable', message });
    expect(said('b')).toEqual([`FailedScheduling: ${message}`]);
    run(60);
    expect(said('b')).toHaveLength(1);
    addNode('n2');
    run(1);
    expect(pod('b')?.spec.nodeName).toBe('n2');
    expect(scheduler.decisions('default/b').map(({ result, attempt, node }) => [result, attempt, node])).toEqual([
      ['Unschedulable', 1, undefined],
      ['Scheduled', 2, 'n2'],
    ]);
  });

  it('evicts the less important for the more important', () => {
    const { add, pod, run, said, scheduler, client } = clusterOf(['n1']);
    add('victim', '4', { priorityClassName: 'low' });
    const uids: string[] = [];
    client.watch(podKind, {
      modified: ({ metadata, status }) => {
        if (status?.nominatedNodeName === 'n1') uids.push(metadata.name);
      },
    });
    add('boss', '4', { priorityClassName: 'high' });
    run(5);
    expect(pod('victim')).toBeUndefined();
    expect(pod('boss')?.spec.nodeName).toBe('n1');
    expect(pod('boss')?.status?.nominatedNodeName).toBeUndefined();
    expect(uids).toContain('boss');
    expect(said('victim')).toContain(`Preempted: Preempted by pod ${pod('boss')?.metadata.uid ?? ''} on node n1`);
    const [first] = scheduler.decisions('default/boss');
    expect(first?.preemption).toMatchObject({ node: 'n1', victims: ['default/victim'] });
  });

  it('leaves a gated pod alone until its gates are gone', () => {
    const { add, pod, run, client, scheduler } = clusterOf(['n1']);
    add('a', '1', { schedulingGates: [{ name: 'example.com/wait' }] });
    expect(pod('a')?.spec.nodeName).toBeUndefined();
    expect(scheduler.report.queue.gated).toBe(1);
    client.patch(podKind, 'default/a', { spec: { schedulingGates: null } });
    run(1);
    expect(pod('a')?.spec.nodeName).toBe('n1');
  });

  it('schedules by each profile its own pods, and no others', () => {
    const profiles = [
      { schedulerName: 'default-scheduler' },
      {
        schedulerName: 'packing',
        pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated' } } }],
      },
    ];
    const { add, pod } = clusterOf(['n1', 'n2'], { profiles });
    add('a', '1');
    const first = pod('a')?.spec.nodeName;
    add('b', '1');
    expect(pod('b')?.spec.nodeName).not.toBe(first);
    add('c', '1', { nodeSelector: { 'kubernetes.io/hostname': 'n1' } });
    add('d', '500m', { schedulerName: 'packing' });
    expect(pod('d')?.spec.nodeName).toBe('n1');
    add('foreign', '1', { schedulerName: 'somebody-else' });
    expect(pod('foreign')?.spec.nodeName).toBeUndefined();
  });

  it('plans nothing when nobody waits, and keeps what it is asked to forget', () => {
    const { add, scheduler, client, run } = clusterOf(['n1']);
    add('a', '9');
    expect(scheduler.report.waiting).toMatchObject([
      { key: 'default/a', place: 'unschedulable', rejectedBy: ['NodeResourcesFit'] },
    ]);
    const pending = client.get(podKind, 'default/a')!;
    client.delete(podKind, pending);
    run(1);
    expect(scheduler.report.waiting).toEqual([]);
  });

  it('decides alike with one seed', () => {
    const places = () => {
      const { add, pod } = clusterOf(['n1', 'n2', 'n3', 'n4']);
      const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
      for (const name of names) add(name, '250m');
      return names.map((name) => pod(name)?.spec.nodeName);
    };
    expect(places()).toEqual(places());
  });
});
