import { ControllerWorld } from '../../../../test/support/controller-world.js';
import type { Json } from '../../../../test/support/engine-harness.js';
import { job } from '../../kinds/job.js';
import { pod } from '../../kinds/pod.js';
import type { Job } from '../../machinery/api/batch-v1.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { keyOf } from '../../machinery/object.js';

const INDEX = 'batch.kubernetes.io/job-completion-index';
const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const CONTAINERS = [{ name: 'app', image: 'registry.example/app:1' }];

function worldWith(spec: Json): ControllerWorld {
  const world = new ControllerWorld();
  const template = { spec: { restartPolicy: 'Never', containers: CONTAINERS } };
  world.harness.request('POST', '/apis/batch/v1/namespaces/default/jobs', {
    metadata: { name: 'calc' },
    spec: { template, ...spec },
  });
  world.run(3);
  return world;
}

const jobOf = (world: ControllerWorld): Job => world.client.get(job, 'default/calc')!;
const statusOf = (world: ControllerWorld): Json => jobOf(world).status;
const conditions = (world: ControllerWorld): readonly string[] =>
  (jobOf(world).status?.conditions ?? []).map(
    ({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`,
  );
const running = (world: ControllerWorld): readonly Pod[] =>
  world
    .pods()
    .filter(({ status, metadata }) => status?.phase === 'Running' && metadata.deletionTimestamp === undefined);
const indexOf = (object: Pod): string | undefined => object.metadata.annotations?.[INDEX];

function end(world: ControllerWorld, object: Pod, phase: 'Succeeded' | 'Failed', exitCode = 1): void {
  const containerStatuses = [
    { name: 'app', image: 'i', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode } } },
  ];
  world.client.patchStatus(pod, keyOf(object), {
    status: { phase, conditions: [], ...(phase === 'Failed' ? { containerStatuses } : {}) },
  });
}

function endIndex(world: ControllerWorld, index: number, phase: 'Succeeded' | 'Failed', exitCode?: number): void {
  end(
    world,
    running(world).find((each) => indexOf(each) === `${index}`)!,
    phase,
    exitCode,
  );
}

describe('job-controller', () => {
  it('runs pods until there are completions enough, and counts each by its finalizer', () => {
    const world = worldWith({ completions: 3, parallelism: 2 });
    expect(statusOf(world)).toMatchObject({ active: 2, ready: 2, terminating: 0, uncountedTerminatedPods: {} });
    expect(running(world)[0]?.metadata).toMatchObject({
      finalizers: ['batch.kubernetes.io/job-tracking'],
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'calc', controller: true }],
    });
    for (const each of running(world)) end(world, each, 'Succeeded');
    world.run(4);
    expect(statusOf(world)).toMatchObject({ active: 1, succeeded: 2 });
    for (const each of running(world)) end(world, each, 'Succeeded');
    world.run(4);
    expect(statusOf(world)).toEqual({
      conditions: [
        expect.objectContaining({ type: 'SuccessCriteriaMet', status: 'True', reason: 'CompletionsReached' }),
        expect.objectContaining({ type: 'Complete', status: 'True', reason: 'CompletionsReached' }),
      ],
      startTime: expect.any(String),
      completionTime: expect.any(String),
      succeeded: 3,
      terminating: 0,
      uncountedTerminatedPods: {},
      ready: 0,
    });
    expect(world.pods().every(({ metadata }) => metadata.finalizers === undefined)).toBe(true);
    expect(world.said('calc').at(-1)).toBe('Completed: Job completed');
    expect(world.errors).toEqual([]);
  });

  it('waits longer after each failure, and gives up at the limit', () => {
    const world = worldWith({ backoffLimit: 1 });
    end(world, running(world)[0]!, 'Failed');
    world.run(5);
    expect(statusOf(world)).toMatchObject({ failed: 1 });
    expect(running(world)).toHaveLength(0);
    world.run(10);
    expect(running(world)).toHaveLength(1);
    end(world, running(world)[0]!, 'Failed');
    world.run(5);
    const words = 'BackoffLimitExceeded: Job has reached the specified backoff limit';
    expect(conditions(world)).toEqual([`FailureTarget=True ${words}`, `Failed=True ${words}`]);
    expect(statusOf(world)).toMatchObject({ failed: 2 });
    expect(statusOf(world).active).toBeUndefined();
    expect(world.said('calc').at(-1)).toBe(words);
  });

  it.each([
    ['a Job as a whole', {}],
    ['each index', { completionMode: 'Indexed', backoffLimitPerIndex: 3 }],
  ])('counts what runs and what has failed while a new pod has to wait for %s', (_name, spec) => {
    const world = worldWith({ completions: 3, parallelism: 3, backoffLimit: 4, ...spec });
    end(world, running(world)[0]!, 'Failed');
    world.run(5);
    expect(statusOf(world)).toMatchObject({ active: 2, ready: 2 });
    expect(world.errors).toEqual([]);
    const report = world.manager.report.find(({ name }) => name === 'job-controller');
    expect(report?.loops.map(({ failures }) => failures)).toEqual(report?.loops.map(() => 0));
    world.run(20);
    expect(statusOf(world)).toMatchObject({ active: 3, ready: 3, failed: 1, uncountedTerminatedPods: {} });
  });

  it('counts restarts in place where pods restart', () => {
    const template = { spec: { restartPolicy: 'OnFailure', containers: CONTAINERS } };
    const world = worldWith({ template, backoffLimit: 2 });
    const [only] = running(world);
    const containerStatuses = [{ name: 'app', image: 'i', imageID: '', ready: true, restartCount: 2, state: {} }];
    world.client.patchStatus(pod, keyOf(only!), { status: { containerStatuses } });
    world.run(5);
    expect(conditions(world).at(-1)).toMatch(/^Failed=True BackoffLimitExceeded/);
    expect(running(world)).toHaveLength(0);
  });

  it('ends at its deadline, whatever runs, without being woken by anything', () => {
    const world = worldWith({ activeDeadlineSeconds: 30, parallelism: 2, completions: 2 });
    world.run(24);
    expect(running(world)).toHaveLength(2);
    world.run(10);
    expect(world.pods()).toHaveLength(0);
    expect(conditions(world).at(-1)).toBe(
      'Failed=True DeadlineExceeded: Job was active longer than specified deadline',
    );
    expect(statusOf(world)).toMatchObject({ failed: 2 });
  });

  it('gives each index a pod, and does an index again until it succeeds', () => {
    const world = worldWith({ completionMode: 'Indexed', completions: 3, parallelism: 3 });
    expect(running(world).map(indexOf).toSorted()).toEqual(['0', '1', '2']);
    const first = running(world).find((each) => indexOf(each) === '0')!;
    expect(first.metadata.generateName).toBe('calc-0-');
    expect(first.spec.hostname).toBe('calc-0');
    expect(first.spec.containers[0]?.env).toEqual([
      {
        name: 'JOB_COMPLETION_INDEX',
        valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX}']` } },
      },
    ]);
    endIndex(world, 0, 'Succeeded');
    endIndex(world, 1, 'Failed');
    endIndex(world, 2, 'Succeeded');
    world.run(3);
    expect(statusOf(world)).toMatchObject({ completedIndexes: '0,2', succeeded: 2, failed: 1 });
    world.run(12);
    expect(running(world).map(indexOf)).toEqual(['1']);
    endIndex(world, 1, 'Succeeded');
    world.run(4);
    expect(statusOf(world)).toMatchObject({ completedIndexes: '0-2', succeeded: 3, failed: 1 });
    expect(conditions(world).at(-1)).toMatch(/^Complete=True/);
  });

  it('gives up single indexes, each at its own limit', () => {
    const world = worldWith({ completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimitPerIndex: 1 });
    endIndex(world, 1, 'Succeeded');
    endIndex(world, 0, 'Failed');
    world.run(20);
    const [again] = running(world);
    expect(again?.metadata.annotations).toMatchObject({ [INDEX]: '0', [FAILURES]: '1' });
    endIndex(world, 0, 'Failed');
    world.run(5);
    expect(statusOf(world)).toMatchObject({ completedIndexes: '1', failedIndexes: '0', failed: 2, succeeded: 1 });
    expect(conditions(world).at(-1)).toBe('Failed=True FailedIndexes: Job has failed indexes');
  });

  it('gives up when too many indexes failed', () => {
    const limits = { backoffLimitPerIndex: 0, maxFailedIndexes: 1 };
    const world = worldWith({ completionMode: 'Indexed', completions: 5, parallelism: 5, ...limits });
    endIndex(world, 0, 'Failed');
    world.run(3);
    expect(running(world)).toHaveLength(4);
    endIndex(world, 4, 'Failed');
    world.run(5);
    const words = 'MaxFailedIndexesExceeded: Job has exceeded the specified maximal number of failed indexes';
    expect(conditions(world).at(-1)).toBe(`Failed=True ${words}`);
    expect(statusOf(world)).toMatchObject({ failedIndexes: '0,4' });
  });

  it('judges failures by the rules of its policy', () => {
    const podFailurePolicy = {
      rules: [
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
        { action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } },
      ],
    };
    const world = worldWith({ backoffLimit: 0, podFailurePolicy });
    const [disrupted] = running(world);
    const gone = { type: 'DisruptionTarget', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
    world.client.patchStatus(pod, keyOf(disrupted!), { status: { phase: 'Failed', conditions: [gone] } });
    world.run(15);
    expect(statusOf(world).failed).toBeUndefined();
    const [second] = running(world);
    end(world, second!, 'Failed', 42);
    world.run(4);
    const name = second!.metadata.name;
    expect(conditions(world).at(-1)).toBe(
      `Failed=True PodFailurePolicy: Container app for pod default/${name} failed with exit code 42 matching FailJob rule at index 1`,
    );
  });

  it('succeeds by its success policy, and ends what still runs', () => {
    const successPolicy = { rules: [{ succeededIndexes: '0-1', succeededCount: 1 }] };
    const world = worldWith({ completionMode: 'Indexed', completions: 4, parallelism: 4, successPolicy });
    endIndex(world, 1, 'Succeeded');
    world.run(6);
    expect(conditions(world)).toEqual([
      'SuccessCriteriaMet=True SuccessPolicy: Matched rules at index 0',
      'Complete=True SuccessPolicy: Matched rules at index 0',
    ]);
    expect(statusOf(world)).toMatchObject({ completedIndexes: '1', succeeded: 1, terminating: 0 });
    expect(running(world)).toHaveLength(0);
  });

  it('is suspended and resumed', () => {
    const world = worldWith({ suspend: true, parallelism: 2, completions: 2 });
    expect(world.pods()).toHaveLength(0);
    expect(conditions(world)).toEqual(['Suspended=True JobSuspended: Job suspended']);
    expect(statusOf(world).startTime).toBeUndefined();
    world.client.patch(job, 'default/calc', { spec: { suspend: false } });
    world.run(3);
    expect(running(world)).toHaveLength(2);
    expect(conditions(world)).toEqual(['Suspended=False JobResumed: Job resumed']);
    world.client.patch(job, 'default/calc', { spec: { suspend: true } });
    world.run(5);
    expect(world.pods()).toHaveLength(0);
    expect(statusOf(world)).toMatchObject({ terminating: 0 });
    expect(statusOf(world).failed).toBeUndefined();
    const said = world.said('calc').filter((each) => each.includes('Job '));
    expect(said).toEqual(['Resumed: Job resumed', 'Suspended: Job suspended']);
  });

  it('leaves Jobs alone that another controller manages', () => {
    const world = worldWith({ managedBy: 'example.com/other' });
    expect(world.pods()).toHaveLength(0);
    expect(statusOf(world)).toEqual({});
  });

  it('lets its pods go when it is deleted, with or without them', () => {
    const orphaned = worldWith({ parallelism: 2, completions: 2 });
    orphaned.client.delete(job, jobOf(orphaned), { propagationPolicy: 'Orphan' });
    orphaned.run(5);
    expect(orphaned.pods()).toHaveLength(2);
    expect(orphaned.pods().every(({ metadata }) => metadata.finalizers === undefined)).toBe(true);
    const cascaded = worldWith({ parallelism: 2, completions: 2 });
    cascaded.client.delete(job, jobOf(cascaded), { propagationPolicy: 'Background' });
    cascaded.run(10);
    expect(cascaded.pods()).toHaveLength(0);
  });

  it('goes with its pods when its time after the end is up', () => {
    const world = worldWith({ ttlSecondsAfterFinished: 60 });
    end(world, running(world)[0]!, 'Succeeded');
    world.run(50);
    expect(jobOf(world)).toBeDefined();
    world.run(20);
    expect(world.client.get(job, 'default/calc')).toBeUndefined();
    expect(world.pods()).toHaveLength(0);
  });

  it('does a thousand indexes', () => {
    const world = worldWith({ completionMode: 'Indexed', completions: 1_000, parallelism: 500 });
    for (let round = 0; round < 4; round++) {
      for (const each of running(world)) end(world, each, 'Succeeded');
      world.run(6);
    }
    expect(statusOf(world)).toMatchObject({ completedIndexes: '0-999', succeeded: 1_000 });
  });
});
