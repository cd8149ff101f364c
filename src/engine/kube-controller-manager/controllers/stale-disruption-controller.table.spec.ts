import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const POD = 'pods/default/p';
const NOW = '2026-01-01T00:00:00Z';
const TARGET: Json = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'm',
  lastTransitionTime: NOW,
};
const READY: Json = { type: 'Ready', status: 'True', lastTransitionTime: NOW };
const podWith = (conditions: readonly Json[], phase = 'Running', metadata: Json = {}): Json => ({
  metadata,
  spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] },
  status: { phase, conditions },
});
const unchanged = (condition: Json): Json => ({ [POD]: { status: { conditions: [condition] } } });

describe('the part of the disruption controller that looks after pods', () => {
  controllerTable('disruption-controller', [
    {
      name: 'takes back after two minutes what was said of a pod that goes on',
      before: { [POD]: podWith([READY, TARGET]) },
      seconds: 121,
      after: {
        [POD]: {
          status: {
            conditions: [
              READY,
              {
                type: 'DisruptionTarget',
                status: 'False',
                reason: undefined,
                message: undefined,
                lastTransitionTime: '2026-01-01T00:02:00Z',
              },
            ],
          },
        },
      },
    },
    {
      name: 'waits until then',
      before: { [POD]: podWith([TARGET]) },
      seconds: 119,
      after: unchanged(TARGET),
    },
    {
      name: 'counts from the last change of the condition',
      before: { [POD]: podWith([{ ...TARGET, lastTransitionTime: '2026-01-01T00:01:00Z' }]) },
      seconds: 179,
      after: unchanged({ ...TARGET, lastTransitionTime: '2026-01-01T00:01:00Z' }),
    },
    {
      name: 'takes back at once what was said long ago',
      before: { [POD]: podWith([{ ...TARGET, lastTransitionTime: '2025-12-31T23:00:00Z' }]) },
      after: unchanged({ type: 'DisruptionTarget', status: 'False', lastTransitionTime: NOW }),
    },
    {
      name: 'leaves what a kubelet said',
      before: { [POD]: podWith([{ ...TARGET, reason: 'TerminationByKubelet' }]) },
      seconds: 600,
      after: unchanged({ ...TARGET, reason: 'TerminationByKubelet' }),
    },
    {
      name: 'leaves what is taken back already',
      before: { [POD]: podWith([{ ...TARGET, status: 'False' }]) },
      seconds: 600,
      after: unchanged({ ...TARGET, status: 'False' }),
    },
    ...['Succeeded', 'Failed'].map((phase) => ({
      name: `leaves a pod alone that has ${phase}`,
      before: { [POD]: podWith([TARGET], phase) },
      seconds: 600,
      after: unchanged(TARGET),
    })),
    {
      name: 'leaves a pod alone that is being deleted',
      before: { [POD]: podWith([TARGET], 'Running', { deletionTimestamp: 'now' }) },
      seconds: 600,
      after: unchanged(TARGET),
    },
  ]);
});
