import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { cronJob } from '../../kinds/cron-job.js';
import { job } from '../../kinds/job.js';
import { pod } from '../../kinds/pod.js';
import { keyOf } from '../../machinery/object.js';

// The world begins at midnight, UTC, of January 1st, 2026.
const MINUTE = 29_453_760;

function worldWith(spec: Json): ControllerWorld {
  const world = new ControllerWorld();
  const containers = [{ name: 'app', image: 'registry.example/app:1' }];
  const template = { spec: { restartPolicy: 'Never', containers } };
  const jobTemplate = { metadata: { labels: { l: '1' } }, spec: { template } };
  world.harness.request('POST', '/apis/batch/v1/namespaces/default/cronjobs', {
    metadata: { name: 'calc' },
    spec: { jobTemplate, ...spec },
  });
  return world;
}

const statusOf = (world: ControllerWorld): Json => world.client.get(cronJob, 'default/calc')?.status;
const names = (world: ControllerWorld): readonly string[] =>
  world.client.list(job, 'default').map(({ metadata }) => metadata.name);
const patch = (world: ControllerWorld, spec: Json): void => world.client.patch(cronJob, 'default/calc', { spec });

function endAll(world: ControllerWorld, phase: string): void {
  for (const each of world.pods()) {
    if (each.status?.phase === 'Running')
      world.client.patchStatus(pod, keyOf(each), { status: { phase, conditions: [] } });
  }
}

describe('cronjob-controller', () => {
  it('starts a Job when it is due, named after its minute', () => {
    const world = worldWith({ schedule: '*/5 * * * *' });
    world.run(290);
    expect(names(world)).toEqual([]);
    world.run(20);
    expect(names(world)).toEqual([`calc-${MINUTE + 5}`]);
    const [made] = world.client.list(job, 'default');
    expect(made!.metadata).toMatchObject({
      labels: { l: '1' },
      annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:05:00Z' },
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: 'calc', controller: true, blockOwnerDeletion: true },
      ],
    });
    expect(statusOf(world)).toMatchObject({
      active: [{ kind: 'Job', namespace: 'default', name: `calc-${MINUTE + 5}`, apiVersion: 'batch/v1' }],
      lastScheduleTime: '2026-01-01T00:05:00Z',
    });
    endAll(world, 'Succeeded');
    world.run(5);
    expect(statusOf(world).active).toBeUndefined();
    expect(statusOf(world).lastSuccessfulTime).toBe(
      made && world.client.list(job, 'default')[0]!.status?.completionTime,
    );
    expect(world.said('calc')).toEqual([
      `SuccessfulCreate: Created job calc-${MINUTE + 5}`,
      `SawCompletedJob: Saw completed job: calc-${MINUTE + 5}, condition: Complete`,
    ]);
    expect(world.errors).toEqual([]);
  });

  it('follows the clocks of its time zone', () => {
    const world = worldWith({ schedule: '30 5 * * *', timeZone: 'Asia/Kolkata' });
    world.run(5);
    expect(names(world)).toEqual([]);
    world.run(24 * 3_600);
    expect(names(world)).toEqual([`calc-${MINUTE + 24 * 60}`]);
    const [made] = world.client.list(job, 'default');
    expect(Object.values(made!.metadata.annotations ?? {})).toEqual(['2026-01-02T05:30:00+05:30']);
  });

  it.each([
    ['Allow', 3, []],
    [
      'Forbid',
      1,
      ['JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid'],
    ],
    ['Replace', 1, [`SuccessfulDelete: Deleted job calc-${MINUTE + 1}`]],
  ])('starts Jobs beside others that still run: %s', (concurrencyPolicy, count, said) => {
    const world = worldWith({ schedule: '* * * * *', concurrencyPolicy });
    world.run(190);
    expect(names(world)).toHaveLength(count);
    expect(statusOf(world).active).toHaveLength(count);
    expect(world.said('calc')).toEqual(expect.arrayContaining(said));
  });

  it('makes up for the last start only, and warns of too many', () => {
    const world = worldWith({ schedule: '* * * * *', suspend: true });
    world.run(121 * 60);
    patch(world, { suspend: false });
    world.run(5);
    expect(names(world)).toEqual([`calc-${MINUTE + 121}`]);
    const advice = 'Set or decrease .spec.startingDeadlineSeconds or check clock skew';
    expect(world.said('calc')).toContain(`TooManyMissedTimes: too many missed start times. ${advice}`);
  });

  it('does not make up for starts beyond the deadline', () => {
    const world = worldWith({ schedule: '0 * * * *', suspend: true, startingDeadlineSeconds: 60 });
    world.run(3_600 + 300);
    patch(world, { suspend: false });
    world.run(5);
    expect(names(world)).toEqual([]);
    world.run(3_600);
    expect(names(world)).toEqual([`calc-${MINUTE + 120}`]);
  });

  it('does not make up for what a new schedule would have started', () => {
    const world = worldWith({ schedule: '0 0 * * *' });
    world.run(600);
    patch(world, { schedule: '* * * * *' });
    world.run(10);
    expect(names(world)).toEqual([]);
    world.run(60);
    expect(names(world)).toEqual([`calc-${MINUTE + 11}`]);
  });

  it('keeps as many finished Jobs as it is told to', () => {
    const world = worldWith({ schedule: '* * * * *', successfulJobsHistoryLimit: 2, failedJobsHistoryLimit: 0 });
    world.run(62);
    for (let count = 0; count < 4; count++) {
      world.run(5);
      endAll(world, 'Succeeded');
      world.run(55);
    }
    endAll(world, 'Succeeded');
    world.run(10);
    expect(names(world)).toEqual([`calc-${MINUTE + 4}`, `calc-${MINUTE + 5}`]);
  });

  it('notes Jobs that went missing or that it did not make', () => {
    const world = worldWith({ schedule: '* * * * *' });
    world.run(70);
    world.client.delete(job, world.client.list(job, 'default')[0]!);
    world.run(5);
    expect(world.said('calc').at(-1)).toBe(`MissingJob: Active job went missing: calc-${MINUTE + 1}`);
    expect(statusOf(world).active).toBeUndefined();
  });
});
