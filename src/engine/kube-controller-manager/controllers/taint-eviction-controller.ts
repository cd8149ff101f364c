// Mirrors upstream's taint-eviction controller: pods leave a node with a NoExecute taint when their tolerations end.
import { after, milliseconds, seconds, timestamp, type Instant } from '../../kernel/clock.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';
import { podsByNode } from '../../kinds/pod-indexes.js';
import type { Node, Pod, Taint, Toleration } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { keyOf } from '../../machinery/object.js';
import type { StatusError } from '../../machinery/status-error.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import { withPodCondition } from '../pods.js';
import { isGone } from '../status-errors.js';
import { tolerates } from '../taints.js';

/** When the pod of a key is to be evicted; without a time it was, and its mark stands for these taints. */
interface Eviction {
  readonly uid: string;
  readonly due: Instant | undefined;
  readonly taints: readonly Taint[];
}
type State = Map<string, Eviction>;
type Context = ReconcileContext<State>;

export const taintEvictionController = defineController<Pod, State>({
  name: 'taint-eviction-controller',
  serviceAccount: 'node-controller',
  primary: pod,
  matters: (object, previous) =>
    object.spec.nodeName !== previous.spec.nodeName || !deepEqual(object.spec.tolerations, previous.spec.tolerations),
  concerns({ metadata, spec: { nodeName = '' } }, { client, state }) {
    if (state.has(`${metadata.namespace ?? ''}/${metadata.name}`)) return true;
    const host = nodeName === '' ? undefined : client.get(node, nodeName);
    return host !== undefined && noExecuteOf(host).length > 0;
  },
  watches: [
    watching<Node, State>({
      kind: node,
      matters: (object, previous) => !deepEqual(noExecuteOf(object), noExecuteOf(previous)),
      map: podsOnNode,
    }),
  ],
  newState: () => new Map(),

  reconcile(context, object) {
    const { client, key, state, simulation } = context;
    if (object === undefined) {
      cancel(context);
      return undefined;
    }
    const { nodeName = '', tolerations = [] } = object.spec;
    const pending = state.get(key)?.uid === object.metadata.uid ? state.get(key) : undefined;
    const host = client.get(node, nodeName);
    const taints = host === undefined ? NO_TAINTS : noExecuteOf(host);
    const limit = tolerationSeconds(taints, tolerations);
    // Of a node that is gone nothing new follows: what was due on it stays due.
    if (host !== undefined && (taints.length === 0 || limit === 'forever')) {
      cancel(context);
      return undefined;
    }
    if (limit === 'never') {
      if (pending !== undefined && pending.due === undefined && deepEqual(pending.taints, taints)) return undefined;
      cancel(context);
      evict(context, object, taints);
      return undefined;
    }
    if (pending === undefined) {
      if (limit === 'forever') return undefined;
      state.set(key, { uid: object.metadata.uid ?? '', due: after(simulation.now, seconds(limit)), taints });
    }
    const due = state.get(key)?.due;
    if (due === undefined) return undefined;
    if (simulation.now < due) return milliseconds(due - simulation.now);
    evict(context, object, taints);
    return undefined;
  },
});

const NO_TAINTS: readonly Taint[] = Object.freeze([]);

const noExecuteOf = ({ spec }: Node): readonly Taint[] =>
  spec.taints?.filter(({ effect }) => effect === 'NoExecute') ?? NO_TAINTS;

/** The shortest time of the tolerations that are used; `never` where a taint is not tolerated. */
function tolerationSeconds(taints: readonly Taint[], tolerations: readonly Toleration[]): number | 'forever' | 'never' {
  let shortest: number | 'forever' = 'forever';
  for (const taint of taints) {
    const used = tolerations.find((toleration) => tolerates(toleration, taint));
    if (used === undefined) return 'never';
    const { tolerationSeconds: limit } = used;
    if (limit !== undefined && (shortest === 'forever' || limit < shortest)) shortest = Math.max(limit, 0);
  }
  return shortest;
}

function cancel({ key, state, recorder }: Context): void {
  const wasDue = state.get(key)?.due !== undefined;
  state.delete(key);
  if (!wasDue) return;
  recorder.record(referenceTo(key), 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
}

/** Marks and deletes the pod, even one that is on its way out already: upstream does not ask. */
function evict(context: Context, object: Pod, taints: readonly Taint[]): void {
  const { client, key, state, recorder, simulation } = context;
  const { generation, uid = '' } = object.metadata;
  state.set(key, { uid, due: undefined, taints });
  recorder.record(referenceTo(key), 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
  const condition = {
    type: 'DisruptionTarget',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  };
  const conditions = withPodCondition(object.status?.conditions ?? [], condition, timestamp(simulation.now));
  const fail = (error: StatusError): void => {
    state.delete(key);
    if (!isGone(error)) context.fail(error);
  };
  const remove = (): void =>
    client.delete(pod, object, {}, ({ error }) => {
      if (error !== undefined) fail(error);
    });
  if (conditions === undefined) remove();
  else {
    client.patchStatus(pod, key, { metadata: { uid }, status: { conditions } }, ({ error }) => {
      if (error === undefined) remove();
      else fail(error);
    });
  }
}

/** As upstream refers to it: by name alone. */
function referenceTo(key: string): { apiVersion: string; kind: string; metadata: { name: string; namespace: string } } {
  const [namespace = '', name = ''] = key.split('/');
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } };
}

/** Only where there is anything to evict or to call off. */
function podsOnNode(host: Node, { client, state }: MapContext<State>): readonly string[] {
  const keys = client.indexed(pod, podsByNode, host.metadata.name).map(keyOf);
  const taints = noExecuteOf(client.get(node, host.metadata.name) ?? host);
  return taints.length > 0 ? keys : keys.filter((key) => state.has(key));
}
