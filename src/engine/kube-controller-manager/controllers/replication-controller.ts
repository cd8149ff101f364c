// Mirrors upstream's ReplicationController manager, which is the ReplicaSet controller over another kind.
import { milliseconds } from '../../kernel/clock.js';
import { pod } from '../../kinds/pod.js';
import { replicationController as kind } from '../../kinds/replication-controller.js';
import type { Pod, ReplicationController } from '../../machinery/api/core-v1.js';
import { fromLabelSelector, matches, type LabelRequirements } from '../../machinery/label-selector.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext } from '../controller.js';
import { controllerOf } from '../owner-references.js';
import { mattersToReplicas, ReplicaPass, ReplicaState, type ReplicaTraits } from '../replica-set/replica-pass.js';
import { replicaSetStatus } from '../replica-set/replica-set-status.js';
import { without } from '../without.js';

const BATCH_PERIOD = milliseconds(20);

const TRAITS: ReplicaTraits<ReplicationController> = Object.freeze({
  kind,
  selectorOf,
  withStatus: (set, pods, failure, now) => ({
    ...set,
    status: without(replicaSetStatus(set, pods, failure, now), 'terminatingReplicas'),
  }),
  related: (_context, set) => [set],
} satisfies ReplicaTraits<ReplicationController>);

export const replicationController = defineController<ReplicationController, ReplicaState>({
  name: 'replication-controller',
  option: 'replicationcontroller-controller',
  primary: kind,
  watches: [watching<Pod, ReplicaState>({ kind: pod, matters: mattersToReplicas, map: setsOf })],
  batchPeriod: () => BATCH_PERIOD,
  newState: () => new ReplicaState(),

  reconcile(context, set) {
    if (set !== undefined) return new ReplicaPass(TRAITS, context, set).run();
    context.state.forget(context.key);
    return undefined;
  },
});

function selectorOf({ spec: { selector = {} } }: ReplicationController): LabelRequirements {
  return fromLabelSelector(Object.keys(selector).length === 0 ? undefined : { matchLabels: selector });
}

function setsOf(object: Pod, { client }: MapContext<ReplicaState>): readonly string[] {
  const { namespace, labels, deletionTimestamp } = object.metadata;
  const owner = controllerOf(object);
  if (owner !== undefined) return owner.kind === kind.kind ? [`${namespace ?? ''}/${owner.name}`] : [];
  if (deletionTimestamp !== undefined) return [];
  return client
    .list(kind, namespace)
    .filter((each) => matches(selectorOf(each), labels))
    .map(keyOf);
}
