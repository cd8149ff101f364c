import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { job } from '../../kinds/job.js';

const JOBS = '/apis/batch/v1/namespaces/default/jobs';

/** A Job that no controller touches, so that its end is what the test says. */
function worldWith(spec: Json): ControllerWorld {
  const world = new ControllerWorld();
  const containers = [{ name: 'app', image: 'registry.example/app:1' }];
  const template = { spec: { restartPolicy: 'Never', containers } };
  const answer = world.harness.request('POST', JOBS, {
    metadata: { name: 'done' },
    spec: { managedBy: 'example.com/nobody', template, ...spec },
  });
  expect(answer.status).toBe(201);
  world.run(1);
  return world;
}

/** Ends the Job, now. */
function finish(world: ControllerWorld, type: 'Complete' | 'Failed'): void {
  const time = new Date(world.harness.loop.now).toISOString();
  const target = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const conditions = [target, type].map((each) => ({ type: each, status: 'True', lastTransitionTime: time }));
  const times = { startTime: time, ...(type === 'Complete' ? { completionTime: time } : {}) };
  const status = { ...times, conditions, ...(type === 'Complete' ? { succeeded: 1 } : {}) };
  const answer = world.harness.request(
    'PATCH',
    `${JOBS}/done/status`,
    { status },
    {
      'content-type': 'application/merge-patch+json',
    },
  );
  expect(answer.status).toBe(200);
}

const isThere = (world: ControllerWorld): boolean => world.client.get(job, 'default/done') !== undefined;

describe('ttl-after-finished-controller', () => {
  it.each([
    ['Complete', 100],
    ['Failed', 100],
    ['Complete', 0],
  ] as const)('deletes a Job that is %s after %d seconds', (type, ttlSecondsAfterFinished) => {
    const world = worldWith({ ttlSecondsAfterFinished });
    world.run(1_000);
    expect(isThere(world)).toBe(true);
    finish(world, type);
    if (ttlSecondsAfterFinished > 0) {
      world.run(ttlSecondsAfterFinished - 1);
      expect(isThere(world)).toBe(true);
    }
    world.run(3);
    expect(isThere(world)).toBe(false);
  });

  it('keeps a Job that says no time', () => {
    const world = worldWith({});
    finish(world, 'Complete');
    world.run(100_000);
    expect(isThere(world)).toBe(true);
  });

  it('follows a change of the time', () => {
    const world = worldWith({ ttlSecondsAfterFinished: 1_000 });
    finish(world, 'Complete');
    world.run(100);
    world.client.patch(job, 'default/done', { spec: { ttlSecondsAfterFinished: 200 } });
    world.run(98);
    expect(isThere(world)).toBe(true);
    world.run(5);
    expect(isThere(world)).toBe(false);
  });
});
