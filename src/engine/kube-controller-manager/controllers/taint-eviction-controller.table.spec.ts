import { controllerTable } from '../../../../test/support/controller-table.js';
import type { Json } from '../../../../test/support/engine-harness.js';

const MARKED = 'Pod/p Normal TaintManagerEviction: Marking for deletion Pod default/p';
const CANCELLED = 'Pod/p Normal TaintManagerEviction: Cancelling deletion of Pod default/p';
const OUTAGE = { key: 'outage', effect: 'NoExecute' };
const TARGET = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
};
const NODE = 'nodes/n';
const POD = 'pods/default/p';

const nodeWith = (...taints: readonly Json[]): Json => (taints.length === 0 ? {} : { spec: { taints } });
const tolerating = (tolerationSeconds?: number, rest: Json = {}): Json =>
  podWith([{ key: 'outage', operator: 'Exists', effect: 'NoExecute', tolerationSeconds }], rest);
const podWith = (tolerations: readonly Json[] = [], metadata: Json = {}): Json => ({
  metadata: { finalizers: ['example.com/see'], ...metadata },
  spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }], tolerations },
});
const untouched = { metadata: { deletionTimestamp: undefined }, status: { conditions: undefined } };
const evicted = { metadata: { deletionGracePeriodSeconds: 30 }, status: { conditions: [TARGET] } };

describe('taint-eviction-controller', () => {
  controllerTable('taint-eviction-controller', [
    {
      name: 'marks and deletes a pod that does not tolerate the taint',
      before: { [NODE]: nodeWith(OUTAGE), [POD]: podWith() },
      after: { [POD]: evicted },
      events: [MARKED],
    },
    {
      name: 'marks a pod too that is being deleted already',
      before: { [NODE]: nodeWith(OUTAGE), [POD]: podWith([], { deletionTimestamp: 'now' }) },
      after: { [POD]: evicted },
      events: [MARKED],
    },
    {
      name: 'marks a pod that is deleted while its eviction is pending, at its time',
      before: { [NODE]: nodeWith(OUTAGE), [POD]: tolerating(10) },
      act: (world) => world.remove(POD),
      seconds: 11,
      after: { [POD]: evicted },
      events: [MARKED],
    },
    {
      name: 'calls off the eviction of a pod that is gone before',
      before: { [NODE]: nodeWith(OUTAGE), [POD]: tolerating(10) },
      act(world) {
        world.patch(POD, { metadata: { finalizers: null } });
        world.remove(POD, { gracePeriodSeconds: 0 });
      },
      seconds: 11,
      after: { [POD]: undefined },
      events: [CANCELLED],
    },
    {
      name: 'leaves a pod alone that tolerates the taint for ever',
      before: { [NODE]: nodeWith(OUTAGE), [POD]: tolerating() },
      seconds: 600,
      after: { [POD]: untouched },
    },
    {
      name: 'leaves a pod alone that has no node yet',
      before: { [NODE]: nodeWith(OUTAGE), [POD]: { ...podWith(), spec: { containers: [{ name: 'c', image: 'i' }] } } },
      after: { [POD]: untouched },
    },
    {
      name: 'leaves a pod alone on a node without such taints',
      before: { [NODE]: nodeWith({ key: 'outage', effect: 'NoSchedule' }), [POD]: podWith() },
      after: { [POD]: untouched },
    },
    {
      name: 'calls an eviction off when the taint goes',
      before: { [NODE]: nodeWith(OUTAGE), [POD]: tolerating(10) },
      act: (world) => world.patch(NODE, { spec: { taints: null } }),
      seconds: 60,
      after: { [POD]: untouched },
      events: [CANCELLED],
    },
    {
      name: 'calls an eviction off and evicts at once when a taint comes that is not tolerated',
      before: { [NODE]: nodeWith(OUTAGE), [POD]: tolerating(10) },
      act: (world) => world.patch(NODE, { spec: { taints: [OUTAGE, { key: 'mine', effect: 'NoExecute' }] } }),
      after: { [POD]: evicted },
      events: [CANCELLED, MARKED],
    },
    {
      name: 'keeps the time that was set first when the toleration gets shorter',
      before: { [NODE]: nodeWith(OUTAGE), [POD]: tolerating(30) },
      act(world) {
        const shorter = { key: 'outage', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 };
        world.patch(POD, { spec: { tolerations: [...world.found(POD).spec.tolerations, shorter] } });
      },
      seconds: 20,
      after: { [POD]: untouched },
    },
    {
      name: 'evicts in time from a node that is no more',
      before: { [NODE]: nodeWith(OUTAGE), [POD]: tolerating(10) },
      act: (world) => world.remove(NODE),
      seconds: 11,
      after: { [POD]: evicted },
      events: [MARKED],
    },
    {
      name: 'marks a pod again when the taints of its node change',
      before: { [NODE]: nodeWith(OUTAGE), [POD]: podWith() },
      act: (world) => world.patch(NODE, { spec: { taints: [{ ...OUTAGE, value: 'long' }] } }),
      after: { [POD]: evicted },
      events: [`${MARKED} (x2)`],
    },
    {
      name: 'counts the seconds from when the taint came, not from when the pod did',
      before: { [NODE]: nodeWith(), [POD]: tolerating(10) },
      act(world) {
        world.run(60);
        world.patch(NODE, { spec: { taints: [OUTAGE] } });
      },
      seconds: 9,
      after: { [POD]: untouched },
    },
  ]);
});
