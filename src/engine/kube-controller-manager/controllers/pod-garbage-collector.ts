// Mirrors upstream's pod garbage collector where it matters here: pods of nodes that no longer exist.
// The finished-pod collector does the rest.
import { after, milliseconds, seconds, timestamp, type Instant } from '../../kernel/clock.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';
import { podsByNode } from '../../kinds/pod-indexes.js';
import type { Node, Pod } from '../../machinery/api/core-v1.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import { withPodCondition } from '../pods.js';
import { isGone } from '../status-errors.js';

/** A node may come back under its name within this time. */
const QUARANTINE = seconds(40);

/** Since when a node has been missed, by its name. */
type State = Map<string, Instant>;

export const podGarbageCollector = defineController<Node, State>({
  name: 'pod-garbage-collector',
  option: 'pod-garbage-collector-controller',
  primary: node,
  matters: () => false,
  watches: [
    watching<Pod, State>({
      kind: pod,
      matters: (object, previous) => object.spec.nodeName !== previous.spec.nodeName,
      map({ spec: { nodeName = '' } }, { client }, type) {
        return nodeName === '' || type === 'deleted' || client.get(node, nodeName) !== undefined ? [] : [nodeName];
      },
    }),
  ],
  newState: () => new Map(),

  reconcile(context, object) {
    const { client, key, state, simulation } = context;
    const orphans = object === undefined ? client.indexed(pod, podsByNode, key) : [];
    if (orphans.length === 0) {
      state.delete(key);
      return undefined;
    }
    const since = state.get(key) ?? simulation.now;
    state.set(key, since);
    const due = after(since, QUARANTINE);
    if (simulation.now < due) return milliseconds(due - simulation.now);
    for (const each of orphans) remove(context, each);
    return undefined;
  },
});

function remove(context: ReconcileContext<State>, object: Pod): void {
  const { client, simulation } = context;
  const { generation, uid } = object.metadata;
  const ignoreGone = ({ error }: { readonly error?: Parameters<typeof isGone>[0] }): void => {
    if (error !== undefined && !isGone(error)) context.fail(error);
  };
  const end = (): void => client.delete(pod, object, { gracePeriodSeconds: 0 }, ignoreGone);
  if (object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed') return end();
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const condition = {
    type: 'DisruptionTarget',
    ...observed,
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
  };
  const former = object.status?.conditions ?? [];
  const conditions = withPodCondition(former, condition, timestamp(simulation.now)) ?? former;
  const patch = { metadata: { uid }, status: { ...observed, phase: 'Failed', conditions } };
  client.patchStatus(pod, keyOf(object), patch, (outcome) =>
    outcome.error === undefined ? end() : ignoreGone(outcome),
  );
}
