// Mirrors upstream's ReplicaSet controller: keeps as many pods alive as a set asks for, adopts and releases by labels.
// It leaves out expectations: reads show the newest state, and creates that have not settled are counted as outstanding.
import { milliseconds } from '../../kernel/clock.js';
import { pod } from '../../kinds/pod.js';
import { replicaSet } from '../../kinds/replica-set.js';
import type { ReplicaSet } from '../../machinery/api/apps-v1.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext } from '../controller.js';
import { controllerOf, replicaSetsByOwner } from '../owner-references.js';
import { mattersToReplicas, ReplicaPass, ReplicaState, type ReplicaTraits } from '../replica-set/replica-pass.js';
import { replicaSetStatus } from '../replica-set/replica-set-status.js';

/** Changes of pods are gathered so long: a thousand pods that get ready one by one cost tens of passes, not thousands. */
const BATCH_PERIOD = milliseconds(20);

const TRAITS: ReplicaTraits<ReplicaSet> = Object.freeze({
  kind: replicaSet,
  selectorOf: ({ spec }) => fromLabelSelector(spec.selector),
  withStatus: (set, pods, failure, now) => ({ ...set, status: replicaSetStatus(set, pods, failure, now) }),
  /** All sets of the same Deployment. */
  related({ client }, set) {
    const owner = controllerOf(set);
    return owner === undefined ? [set] : client.indexed(replicaSet, replicaSetsByOwner, owner.uid);
  },
} satisfies ReplicaTraits<ReplicaSet>);

export const replicaSetController = defineController<ReplicaSet, ReplicaState>({
  name: 'replicaset-controller',
  primary: replicaSet,
  watches: [watching<Pod, ReplicaState>({ kind: pod, matters: mattersToReplicas, map: setsOf })],
  batchPeriod: () => BATCH_PERIOD,
  newState: () => new ReplicaState(),

  reconcile(context, set) {
    if (set !== undefined) return new ReplicaPass(TRAITS, context, set).run();
    context.state.forget(context.key);
    return undefined;
  },
});

/** The set that controls the pod, or all that select an orphan: a pod that somebody controls is nobody else's. */
function setsOf(object: Pod, { client }: MapContext<ReplicaState>): readonly string[] {
  const { namespace, labels, deletionTimestamp } = object.metadata;
  const owner = controllerOf(object);
  if (owner !== undefined) return owner.kind === replicaSet.kind ? [`${namespace ?? ''}/${owner.name}`] : [];
  if (deletionTimestamp !== undefined) return [];
  return client
    .list(replicaSet, namespace)
    .filter(({ spec }) => matches(fromLabelSelector(spec.selector), labels))
    .map(keyOf);
}
