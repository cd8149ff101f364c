import type { ClusterHarness } from '../support/cluster-harness.js';
import type { Json } from '../support/engine-harness.js';
import { conditionOf, JOBS, PODS, story } from '../support/story.js';

const INDEX = 'batch.kubernetes.io/job-completion-index';
const INDEXES = 1_000;
const PARALLELISM = 300;
const RUNS_FOR = 10;
/** Before the first new try of an index. */
const BACKOFF = 10;

describe('a Job with 1,000 indexes', () => {
  story('does all but those that fail twice, and then fails for them', {
    tell(harness) {
      createJob(harness, { backoffLimitPerIndex: 1, maxFailedIndexes: 5 });
      harness.runFor(2);
      expect(active(harness)).toHaveLength(PARALLELISM);
      failIndexes(harness, ['7', '42', '43']);
      harness.runFor(BACKOFF + 3);
      failIndexes(harness, ['42', '43']);
      harness.runUntil(() => conditionOf(job(harness), 'Failed') !== undefined, 120);
      expect(job(harness).status).toMatchObject({
        succeeded: INDEXES - 2,
        failed: 5,
        completedIndexes: '0-41,44-999',
        failedIndexes: '42,43',
        terminating: 0,
      });
      for (const type of ['FailureTarget', 'Failed']) {
        expect(conditionOf(job(harness), type)).toMatchObject({
          status: 'True',
          reason: 'FailedIndexes',
          message: 'Job has failed indexes',
        });
      }
      expect(job(harness).status.active).toBeUndefined();
      // A recorder says no more than 25 things of one object in a short time.
      expect(saidOf(harness).at(-1)).toMatch(
        /^SuccessfulCreate: \(combined from similar events\): Created pod: sweep-/,
      );
      const tries = harness.pods().filter(({ metadata }) => metadata.annotations[INDEX] === '42');
      expect(tries.map(({ metadata }) => metadata.annotations['batch.kubernetes.io/job-index-failure-count'])).toEqual(
        expect.arrayContaining(['0', '1']),
      );
      expect(tries.map(({ metadata }) => metadata.finalizers)).toEqual([undefined, undefined]);
    },
  });

  story('is given up when more indexes have failed than may, and what still runs is ended', {
    tell(harness) {
      createJob(harness, { backoffLimitPerIndex: 0, maxFailedIndexes: 5 });
      harness.runFor(2);
      expect(active(harness)).toHaveLength(PARALLELISM);
      failIndexes(harness, ['0', '1', '2', '3', '4', '5']);
      harness.runFor(5);
      expect(job(harness).status).toMatchObject({ failedIndexes: '0-5', terminating: 0 });
      expect(conditionOf(job(harness), 'Failed')).toMatchObject({
        status: 'True',
        reason: 'MaxFailedIndexesExceeded',
        message: 'Job has exceeded the specified maximal number of failed indexes',
      });
      expect(active(harness)).toEqual([]);
      expect(job(harness).status.failed).toBe(PARALLELISM);
    },
  });

  story('spends no try on pods that were evicted, and none more on an index whose exit code says that it is hopeless', {
    tell(harness) {
      const rules = [
        { action: 'FailIndex', onExitCodes: { operator: 'In', values: [42] } },
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        { action: 'FailJob', onExitCodes: { containerName: 'app', operator: 'In', values: [13] } },
      ];
      createJob(harness, { backoffLimitPerIndex: 3, podFailurePolicy: { rules } });
      harness.runFor(2);
      const [first, second] = active(harness);
      fail(harness, first, 42);
      harness.request('POST', `${PODS}/${second.metadata.name}/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: second.metadata.name },
      });
      harness.runFor(5);
      expect(job(harness).status).toMatchObject({ failedIndexes: indexOf(first), failed: 1 });
      const nextOf = (pod: Json): Json => active(harness).find((each) => indexOf(each) === indexOf(pod));
      expect(nextOf(second)).toBeUndefined();
      harness.runFor(BACKOFF);
      expect(nextOf(second)?.metadata.annotations).toMatchObject({
        'batch.kubernetes.io/job-index-failure-count': '0',
        'batch.kubernetes.io/job-index-ignored-failure-count': '1',
      });
      expect(nextOf(first)).toBeUndefined();

      const third = active(harness)[0];
      fail(harness, third, 13);
      harness.runFor(5);
      expect(conditionOf(job(harness), 'Failed')).toMatchObject({
        reason: 'PodFailurePolicy',
        message: `Container app for pod default/${third.metadata.name} failed with exit code 13 matching FailJob rule at index 2`,
      });
      expect(active(harness)).toEqual([]);
    },
  });
});

function createJob(harness: ClusterHarness, more: Json): void {
  const containers = [{ name: 'app', image: 'busybox:1.36', command: ['sleep', String(RUNS_FOR)] }];
  const template = { spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers } };
  const size = { completionMode: 'Indexed', completions: INDEXES, parallelism: PARALLELISM };
  harness.request('POST', JOBS, { metadata: { name: 'sweep' }, spec: { ...size, ...more, template } });
}

const job = (harness: ClusterHarness): Json => harness.get(`${JOBS}/sweep`);
const indexOf = ({ metadata }: Json): string => metadata.annotations[INDEX];
const active = (harness: ClusterHarness): Json[] =>
  harness.list(`${PODS}?fieldSelector=status.phase!=Succeeded,status.phase!=Failed`);

const saidOf = (harness: ClusterHarness): readonly string[] => harness.eventsOf('sweep');

/** Has what runs for these indexes end with an error. */
function failIndexes(harness: ClusterHarness, indexes: readonly string[]): void {
  const running = active(harness).filter((each) => indexes.includes(indexOf(each)));
  expect(running.map(indexOf).toSorted()).toEqual(indexes.toSorted());
  for (const each of running) fail(harness, each, 3);
}

function fail(harness: ClusterHarness, { metadata, status }: Json, exitCode: number): void {
  const [{ state: _running, ...former }] = status.containerStatuses;
  const terminated = { exitCode, reason: 'Error', startedAt: null, finishedAt: null };
  const containerStatuses = [{ ...former, ready: false, started: false, state: { terminated } }];
  harness.patch(`${PODS}/${metadata.name}/status`, { status: { phase: 'Failed', containerStatuses } });
}
