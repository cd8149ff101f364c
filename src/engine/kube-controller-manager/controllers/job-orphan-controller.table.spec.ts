import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const FINALIZER = 'batch.kubernetes.io/job-tracking';
const JOB = 'jobs/default/j';
const POD = 'pods/default/p';
const NOW = '2026-01-01T00:00:00Z';

/** One that asks for no more pods than it has, so that nothing else happens. */
const jobWith = (rest: Json = {}, status: Json = undefined): Json => ({
  spec: {
    parallelism: 1,
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } },
    ...rest,
  },
  status,
});
const COMPLETE = {
  startTime: NOW,
  completionTime: NOW,
  succeeded: 1,
  conditions: [
    { type: 'SuccessCriteriaMet', status: 'True', lastTransitionTime: NOW },
    { type: 'Complete', status: 'True', lastTransitionTime: NOW },
  ],
};
const ownedBy = (reference: Json, metadata: Json = {}): Json => ({
  metadata: {
    finalizers: [FINALIZER, 'example.com/see'],
    labels: { 'batch.kubernetes.io/controller-uid': reference?.uid ?? 'none' },
    ...(reference === undefined ? {} : { ownerReferences: [reference] }),
    ...metadata,
  },
  spec: { nodeName: 'n', restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] },
  status: { phase: 'Running' },
});
const ours: Json = { apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: `@${JOB}`, controller: true };
const kept: Json = { [POD]: { metadata: { finalizers: [FINALIZER, 'example.com/see'] } } };
const freed: Json = { [POD]: { metadata: { finalizers: ['example.com/see'] } } };

describe('the part of the Job controller that looks after orphans', () => {
  controllerTable('job-controller', [
    { name: 'frees a pod that nobody owns', before: { [POD]: ownedBy(undefined) }, after: freed },
    {
      name: 'leaves a pod alone that is not marked',
      before: { [POD]: ownedBy(undefined, { finalizers: ['example.com/see'] }) },
      after: freed,
    },
    {
      name: 'keeps a pod of a Job that goes on',
      before: { [JOB]: jobWith(), [POD]: ownedBy(ours) },
      seconds: 0.5,
      after: kept,
    },
    {
      name: 'frees a pod of a Job that has ended',
      before: { [JOB]: jobWith({}, COMPLETE), [POD]: ownedBy(ours) },
      after: freed,
    },
    {
      name: 'frees a pod of a Job that has ended when it is deleted',
      before: { [JOB]: jobWith({}, COMPLETE), [POD]: ownedBy(ours, { deletionTimestamp: 'now' }) },
      after: freed,
    },
    {
      name: 'keeps a pod of a Job that somebody else manages, even when that has ended',
      before: { [JOB]: jobWith({ managedBy: 'example.com/mine' }, COMPLETE), [POD]: ownedBy(ours) },
      after: kept,
    },
    {
      name: 'keeps a pod of another kind of owner',
      before: {
        [POD]: ownedBy({ apiVersion: 'example.com/v1', kind: 'Job', name: 'j', uid: 'mine', controller: true }),
      },
      after: kept,
    },
    {
      name: 'frees the pod of a Job that is gone',
      before: { [JOB]: jobWith(), [POD]: ownedBy(ours) },
      act: (world) => world.remove(JOB),
      after: freed,
    },
    {
      name: 'frees a pod that its Job let go',
      before: { [JOB]: jobWith(), [POD]: ownedBy(ours) },
      act: (world) => world.patch(POD, { metadata: { ownerReferences: null, labels: null } }),
      seconds: 0.5,
      after: freed,
    },
  ]);
});
