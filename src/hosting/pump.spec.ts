import { collectGarbage } from '../../test/support/garbage.js';
import { Pump, type PumpTask } from './pump.js';

const WALL = { now: () => 0, elapsed: () => 0 };

/** A task with so many slices of work, which notes each. */
function taskOf(tenant: string, slices: number, done: string[]): PumpTask {
  let left = slices;
  return {
    tenant,
    get dueAt() {
      return left > 0 ? 0 : undefined;
    },
    runSlice() {
      done.push(tenant);
      return --left > 0;
    },
  };
}

describe('the pump', () => {
  it('gives a tenant his slice after one of each other, however many clusters another has', async () => {
    const pump = new Pump(WALL);
    const done: string[] = [];
    for (let count = 0; count < 50; count++) pump.add(taskOf('many', 3, done));
    pump.add(taskOf('one', 3, done));
    while (done.length < 153) await new Promise((resolve) => setImmediate(resolve));
    expect(done.slice(0, 8)).toEqual(['many', 'one', 'many', 'one', 'many', 'one', 'many', 'many']);
    pump.stop();
  });

  it('holds on to nothing that it has forgotten, though an alarm was set for it', async () => {
    const pump = new Pump(WALL);
    const forgotten = ((): WeakRef<PumpTask> => {
      const task: PumpTask = { tenant: 'one', dueAt: 3_600_000, runSlice: () => false };
      pump.add(task);
      pump.remove(task);
      return new WeakRef(task);
    })();
    await collectGarbage();
    expect(forgotten.deref()).toBeUndefined();
    pump.stop();
  });
});
