import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const JOB = 'jobs/team/j';
const team: Json = { 'namespaces/team': { spec: {} }, 'serviceaccounts/team/default': {} };
const START = '2026-01-01T00:00:00Z';

const condition = (type: string, status = 'True'): Json => ({
  type,
  status,
  lastTransitionTime: START,
  lastProbeTime: START,
});
const complete: Json = {
  startTime: START,
  completionTime: START,
  succeeded: 1,
  conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
};
const failed: Json = { startTime: START, failed: 1, conditions: [condition('FailureTarget'), condition('Failed')] };
const job = (ttl: number | undefined, status: Json, metadata: Json = {}): Json => ({
  metadata,
  spec: {
    ...(ttl === undefined ? {} : { ttlSecondsAfterFinished: ttl }),
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } },
  },
  status,
});
const kept = { metadata: { deletionTimestamp: undefined } };

describe('ttl-after-finished-controller', () => {
  controllerTable('ttl-after-finished-controller', [
    {
      name: 'deletes at once where no time is given',
      before: { ...team, [JOB]: job(0, complete) },
      after: { [JOB]: { metadata: { finalizers: ['foregroundDeletion'] } } },
    },
    {
      name: 'deletes one that failed as well',
      before: { ...team, [JOB]: job(0, failed) },
      after: { [JOB]: { metadata: { finalizers: ['foregroundDeletion'] } } },
    },
    {
      name: 'keeps it until its time is over',
      before: { ...team, [JOB]: job(10, complete) },
      seconds: 9.9,
      after: { [JOB]: kept },
    },
    {
      name: 'deletes it when its time is over, with what it owns first',
      before: { ...team, [JOB]: job(10, complete) },
      seconds: 10.1,
      after: { [JOB]: { metadata: { finalizers: ['foregroundDeletion'] } } },
    },
    {
      name: 'keeps one without a time',
      before: { ...team, [JOB]: job(undefined, complete) },
      seconds: 1_000,
      after: { [JOB]: kept },
    },
    {
      name: 'keeps one that runs',
      before: { ...team, [JOB]: job(0, { startTime: START, active: 1 }) },
      seconds: 1_000,
      after: { [JOB]: kept },
    },
    {
      name: 'keeps one that is about to fail only',
      before: { ...team, [JOB]: job(0, { startTime: START, conditions: [condition('FailureTarget')] }) },
      seconds: 1_000,
      after: { [JOB]: kept },
    },
    {
      name: 'goes by the time as it is at last',
      before: { ...team, [JOB]: job(10, complete) },
      act: (world) => world.patch(JOB, { spec: { ttlSecondsAfterFinished: 1_000 } }),
      seconds: 100,
      after: { [JOB]: kept },
    },
    {
      name: 'leaves one that is being deleted as it is',
      before: { ...team, [JOB]: job(0, complete, { finalizers: ['example.com/see'], deletionTimestamp: 'now' }) },
      after: { [JOB]: { metadata: { finalizers: ['example.com/see', 'orphan'] } } },
    },
  ]);
});
