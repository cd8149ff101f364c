import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const POD = 'pods/team/p';
const NODE = 'nodes/n';
const team: Json = { 'namespaces/team': { spec: {} }, 'serviceaccounts/team/default': {} };
const OUT_OF_SERVICE = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
const SEEN = { finalizers: ['example.com/see'] };

const node = (ready: string, taints: readonly Json[] = []): Json => ({
  spec: { taints },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});
/** Stays where it is deleted, so that it can be looked at. */
const pod = (nodeName: string | undefined, phase: string, metadata: Json = {}): Json => ({
  metadata: { ...SEEN, ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], ...(nodeName === undefined ? {} : { nodeName }) },
  status: { phase },
});
const going = { deletionTimestamp: 'now' };
const failed: Json = {
  metadata: { deletionGracePeriodSeconds: 0 },
  status: {
    phase: 'Failed',
    observedGeneration: 1,
    conditions: [
      {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByPodGC',
        message: 'PodGC: node no longer exists',
        observedGeneration: 1,
      },
    ],
  },
};
const untouched = (phase: string): Json => ({ metadata: { deletionTimestamp: undefined }, status: { phase } });
const going30 = (phase: string): Json => ({ metadata: { deletionGracePeriodSeconds: 30 }, status: { phase } });
/** Failed without a word of why. */
const ended: Json = { metadata: { deletionGracePeriodSeconds: 0 }, status: { phase: 'Failed', conditions: undefined } };

describe('pod-garbage-collector-controller', () => {
  controllerTable('pod-garbage-collector-controller', [
    {
      name: 'fails and deletes a pod whose node is no more',
      before: { ...team, [POD]: pod('n', 'Running') },
      seconds: 70,
      after: { [POD]: failed },
    },
    {
      name: 'gives the node some time to come back',
      before: { ...team, [POD]: pod('n', 'Running') },
      seconds: 39,
      after: { [POD]: untouched('Running') },
    },
    {
      name: 'leaves the pod alone whose node came back in time',
      before: { ...team, [POD]: pod('n', 'Running') },
      act(world) {
        world.run(30);
        world.put(NODE, node('True'));
      },
      seconds: 120,
      after: { [POD]: untouched('Running') },
    },
    {
      name: 'deletes a pod that has ended with its state as it is',
      before: { ...team, [POD]: pod('n', 'Succeeded') },
      seconds: 70,
      after: {
        [POD]: { metadata: { deletionGracePeriodSeconds: 0 }, status: { phase: 'Succeeded', conditions: undefined } },
      },
    },
    {
      name: 'leaves pods of living nodes alone',
      before: { ...team, [NODE]: node('False'), [POD]: pod('n', 'Running') },
      seconds: 120,
      after: { [POD]: untouched('Running') },
    },
    {
      name: 'leaves pods without a node alone',
      before: { ...team, [POD]: pod(undefined, 'Pending') },
      seconds: 120,
      after: { [POD]: untouched('Pending') },
    },
    {
      name: 'ends a pod on its way out that never had a node',
      before: { ...team, [POD]: pod(undefined, 'Pending', going) },
      seconds: 21,
      after: { [POD]: ended },
    },
    {
      name: 'ends a pod on its way out of a node that is out of service',
      before: { ...team, [NODE]: node('False', [OUT_OF_SERVICE]), [POD]: pod('n', 'Running', going) },
      seconds: 21,
      after: { [POD]: ended },
    },
    {
      name: 'waits for a node that is out of service only by name',
      before: { ...team, [NODE]: node('True', [OUT_OF_SERVICE]), [POD]: pod('n', 'Running', going) },
      seconds: 60,
      after: { [POD]: going30('Running') },
    },
    {
      name: 'waits for a node that is not ready',
      before: { ...team, [NODE]: node('Unknown'), [POD]: pod('n', 'Running', going) },
      seconds: 60,
      after: { [POD]: going30('Running') },
    },
    {
      name: 'leaves pods alone that are to stay, out of service or not',
      before: { ...team, [NODE]: node('Unknown', [OUT_OF_SERVICE]), [POD]: pod('n', 'Running') },
      seconds: 60,
      after: { [POD]: untouched('Running') },
    },
  ]);
});
