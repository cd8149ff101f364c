import { instant, seconds } from './clock.js';
import { EventLoop } from './event-loop.js';
import { Random } from './random.js';
import { WorkQueue } from './work-queue.js';

const START = instant(Date.UTC(2026, 0, 1));

function queueThat(work: (key: string, queue: WorkQueue) => void) {
  const loop = new EventLoop(START, Random.seeded(1));
  const worked: { key: string; atMs: number }[] = [];
  const queue: WorkQueue = new WorkQueue(loop, (key) => {
    worked.push({ key, atMs: loop.now - START });
    work(key, queue);
  });
  const runFor = (length: number) => loop.run(instant(loop.now + length), () => true);
  return { queue, worked, runFor, loop };
}

describe('WorkQueue', () => {
  it('works on a key once however often it was added', () => {
    const { queue, worked, runFor } = queueThat(() => undefined);
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    runFor(0);
    expect(worked.map(({ key }) => key)).toEqual(['a', 'b']);
  });

  it('works again on a key that came while it was being worked on', () => {
    const { queue, worked, runFor } = queueThat((key, self) => {
      if (worked.length === 1) self.add(key);
    });
    queue.add('a');
    runFor(0);
    expect(worked).toHaveLength(2);
  });

  it('doubles the wait with each failure and starts anew once forgotten', () => {
    const { queue, worked, runFor } = queueThat((key, self) => {
      if (worked.length < 5) self.addRateLimited(key);
      else self.forget(key);
    });
    queue.add('a');
    runFor(1_000);
    expect(worked.map(({ atMs }) => atMs)).toEqual([0, 5, 15, 35, 75]);
    expect(queue.failuresOf('a')).toBe(0);
  });

  it('keeps the earliest of several delays', () => {
    const { queue, worked, runFor } = queueThat(() => undefined);
    queue.addAfter('a', seconds(5));
    queue.addAfter('a', seconds(2));
    queue.addAfter('a', seconds(9));
    runFor(20_000);
    expect(worked).toEqual([{ key: 'a', atMs: 2_000 }]);
  });

  it('does nothing once stopped', () => {
    const { queue, worked, runFor, loop } = queueThat(() => undefined);
    queue.add('a');
    queue.addAfter('b', seconds(1));
    queue.stop();
    queue.add('c');
    runFor(5_000);
    expect(worked).toEqual([]);
    expect(loop.nextDue).toBeUndefined();
  });
});
