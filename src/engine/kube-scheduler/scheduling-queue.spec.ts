import { instant } from '../kernel/clock.js';
import { EventLoop } from '../kernel/event-loop.js';
import { Random } from '../kernel/random.js';
import type { Pod } from '../machinery/api/core-v1.js';
import type { ClusterEvent } from './framework.js';
import { SchedulingQueue } from './scheduling-queue.js';

const START = instant(Date.UTC(2026, 0, 1));
const events = (...names: ClusterEvent[]): ReadonlySet<ClusterEvent> => new Set(names);

const podOf = (name: string, priority = 0): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name },
  spec: { containers: [], priority },
});

function newQueue() {
  const loop = new EventLoop(START, Random.seeded(1));
  const queue = new SchedulingQueue(loop, () => undefined);
  const runFor = (length: number) => loop.run(instant(loop.now + length), () => true);
  const takeAll = () => {
    const names: string[] = [];
    for (let next = queue.take(); next !== undefined; next = queue.take()) names.push(next.uid);
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

  it('brings a parked pod back on an event that may help it, after its back-off, and on no other', () => {
    const { queue, runFor, takeAll } = newQueue();
    queue.add(podOf('a'));
    queue.park(queue.take()!, events('node-added'));
    queue.happened('assigned-pod-deleted');
    runFor(60_000);
    expect(takeAll()).toEqual([]);
    queue.happened('node-added');
    runFor(999);
    expect(takeAll()).toEqual([]);
    runFor(1);
    expect(takeAll()).toEqual(['a']);
  });

  it('doubles the back-off with each attempt, up to ten seconds', () => {
    const { queue, runFor, loop } = newQueue();
    queue.add(podOf('a'));
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      queue.park(queue.take()!, events('node-added'));
      queue.happened('node-added');
      const asked = loop.now;
      while (!queue.isReady) runFor(1_000);
      waits.push((loop.now - asked) / 1_000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 10, 10]);
  });

  it('tries a forgotten pod again after five minutes', () => {
    const { queue, runFor, takeAll } = newQueue();
    queue.add(podOf('a'));
    queue.park(queue.take()!, events());
    runFor(5 * 60_000 + 1_000);
    expect(takeAll()).toEqual(['a']);
  });

  it('forgets a removed pod wherever it was', () => {
    const { queue, runFor, takeAll, loop } = newQueue();
    for (const name of ['a', 'b', 'c']) queue.add(podOf(name));
    queue.park(queue.take()!, events());
    queue.retry(queue.take()!);
    for (const name of ['a', 'b', 'c']) queue.remove(name);
    runFor(600_000);
    expect(takeAll()).toEqual([]);
    expect(queue.figures).toEqual({ active: 0, backoff: 0, unschedulable: 0 });
    expect(loop.nextDue).toBeUndefined();
  });
});
