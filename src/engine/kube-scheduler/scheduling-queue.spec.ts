import { instant } from '../kernel/clock.js';
import { EventLoop } from '../kernel/event-loop.js';
import { Random } from '../kernel/random.js';
import type { Pod } from '../machinery/api/core-v1.js';
import { podOf as plainPod, TestWorld } from '../../../test/support/scheduling-world.js';
import type { Change, ClusterEvent } from './cluster-event.js';
import { definePlugin, type Plugin } from './framework.js';
import { schedulingGates } from './plugins/scheduling-gates.js';
import { BACKOFF_DEFAULTS, SchedulingQueue } from './scheduling-queue.js';

const START = instant(Date.UTC(2026, 0, 1));

const awaiting = (...on: ClusterEvent[]): Plugin => definePlugin({ name: 'Rejecting', retryOn: [{ on }] });
const change = (event: ClusterEvent): Change => ({ event, object: undefined, previous: undefined });
const podOf = (name: string, priority = 0): Pod => plainPod(name, { spec: { priority } });

function newQueue() {
  const loop = new EventLoop(START, Random.seeded(1));
  const world = new TestWorld();
  const queue = new SchedulingQueue({
    simulation: loop,
    world,
    backoff: BACKOFF_DEFAULTS,
    gateOf: (pod) => (schedulingGates.preEnqueue?.(pod, world) === undefined ? undefined : schedulingGates),
    ready: () => undefined,
  });
  const runFor = (length: number) => loop.run(instant(loop.now + length), () => true);
  const takeAll = () => {
    const names: string[] = [];
    for (let next = queue.take(); next !== undefined; next = queue.take()) names.push(next.pod.metadata.name);
    return names;
  };
  return { queue, runFor, takeAll, loop };
}

describe('SchedulingQueue', () => {
  it('gives the higher priority first, then who came first', () => {
    const { queue, takeAll } = newQueue();
    for (const [name, priority] of [
      ['a', 0],
      ['b', 5],
      ['c', 0],
      ['d', 5],
    ] as const)
      queue.add(podOf(name, priority));
    expect(takeAll()).toEqual(['b', 'd', 'a', 'c']);
  });

  it('knows a pod once', () => {
    const { queue, takeAll } = newQueue();
    queue.add(podOf('a'));
    queue.add(podOf('a'));
    expect(takeAll()).toEqual(['a']);
  });

  it('brings a parked pod back on an event that may help it, and on no other', () => {
    const { queue, runFor, takeAll } = newQueue();
    queue.add(podOf('a'));
    queue.park(queue.take()!, [awaiting('Node/Add')]);
    queue.happened(change('Pod/Delete'));
    runFor(60_000);
    expect(takeAll()).toEqual([]);
    queue.happened(change('Node/Add'));
    expect(takeAll()).toEqual(['a']);
  });

  it('asks the plugin that rejected the pod whether the change is worth a try', () => {
    const { queue, takeAll } = newQueue();
    const picky = definePlugin({
      name: 'Picky',
      retryOn: [{ on: ['Node/Add'], isWorth: (_, { object }) => object?.metadata.name === 'good' }],
    });
    queue.add(podOf('a'));
    queue.park(queue.take()!, [picky]);
    queue.happened({ event: 'Node/Add', object: podOf('bad'), previous: undefined });
    expect(takeAll()).toEqual([]);
    queue.happened({ event: 'Node/Add', object: podOf('good'), previous: undefined });
    expect(takeAll()).toEqual(['a']);
  });

  it('does not wait for a back-off while it has nothing else to do, but lets others go first', () => {
    const { queue, takeAll } = newQueue();
    queue.add(podOf('a', 10));
    queue.park(queue.take()!, [awaiting('Node/Add')]);
    queue.add(podOf('b'));
    queue.happened(change('Node/Add'));
    expect(queue.figures).toMatchObject({ active: 1, backoff: 1 });
    expect(takeAll()).toEqual(['b', 'a']);
  });

  it('ends a back-off by itself: 1, 2, 4, 8 and then 10 seconds, and up to one more', () => {
    const { queue, runFor, loop } = newQueue();
    queue.add(podOf('a'));
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      queue.park(queue.take()!, [awaiting('Node/Add')]);
      queue.happened(change('Node/Add'));
      const asked = loop.now;
      while (queue.figures.active === 0) runFor(1_000);
      waits.push((loop.now - asked) / 1_000);
    }
    expect(waits).toEqual([2, 3, 5, 9, 11, 11]);
  });

  it('makes a pod wait in any case after an error', () => {
    const { queue, runFor, takeAll } = newQueue();
    queue.add(podOf('a'));
    queue.retry(queue.take()!);
    expect(takeAll()).toEqual([]);
    runFor(2_000);
    expect(takeAll()).toEqual(['a']);
  });

  it('tries a forgotten pod again after five minutes', () => {
    const { queue, runFor, takeAll } = newQueue();
    queue.add(podOf('a'));
    queue.park(queue.take()!, [awaiting()]);
    runFor(5 * 60_000 - 1);
    expect(takeAll()).toEqual([]);
    runFor(1);
    expect(takeAll()).toEqual(['a']);
  });

  it('holds a gated pod until its gates are gone', () => {
    const { queue, runFor, takeAll } = newQueue();
    const gated = plainPod('a', { spec: { schedulingGates: [{ name: 'x.example/a' }, { name: 'x.example/b' }] } });
    queue.add(gated);
    runFor(600_000);
    expect(queue.figures).toEqual({ active: 0, backoff: 0, unschedulable: 0, gated: 1 });
    const less = plainPod('a', { spec: { schedulingGates: [{ name: 'x.example/b' }] } });
    queue.update(less, gated);
    expect(takeAll()).toEqual([]);
    queue.update(plainPod('a'), less);
    expect(takeAll()).toEqual(['a']);
  });

  it('forgets a removed pod wherever it was', () => {
    const { queue, runFor, takeAll, loop } = newQueue();
    const pods = ['a', 'b', 'c'].map((name) => podOf(name));
    for (const pod of pods) queue.add(pod);
    queue.park(queue.take()!, [awaiting('Node/Add')]);
    queue.retry(queue.take()!);
    for (const { metadata } of pods) queue.remove(metadata.uid ?? '');
    runFor(600_000);
    expect(takeAll()).toEqual([]);
    expect(queue.figures).toEqual({ active: 0, backoff: 0, unschedulable: 0, gated: 0 });
    expect(loop.nextDue).toBeUndefined();
  });
});
