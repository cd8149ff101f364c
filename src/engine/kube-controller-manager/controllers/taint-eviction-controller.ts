// Mirrors upstream's taint-eviction controller: pods leave a node with a NoExecute taint when their tolerations end.
import { after, milliseconds, seconds, timestamp, type Instant } from '../../kernel/clock.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';
import { podsByNode } from '../../kinds/pod-indexes.js';
import type { Node, Pod, Taint, Toleration } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import { withPodCondition } from '../pods.js';
import { isGone } from '../status-errors.js';
import { tolerates } from '../taints.js';

/** Evictions that are due in the future, by key of the pod. */
type State = Map<string, { readonly uid: string; readonly due: Instant }>;
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
    const nodeName = object?.spec.nodeName ?? '';
    if (object === undefined || nodeName === '') {
      cancel(context);
      return;
    }
    if (object.metadata.deletionTimestamp !== undefined) {
      state.delete(key);
      return undefined;
    }
    const host = client.get(node, nodeName);
    const taints = host === undefined ? [] : noExecuteOf(host);
    if (taints.length === 0) {
      cancel(context);
      return;
    }
    const limit = tolerationSeconds(taints, object.spec.tolerations ?? []);
    if (limit === 'forever') {
      cancel(context);
      return;
    }
    if (limit <= 0) {
      evict(context, object);
      return;
    }
    const { uid = '' } = object.metadata;
    const pending = state.get(key);
    if (pending?.uid !== uid) {
      state.set(key, { uid, due: after(simulation.now, seconds(limit)) });
      return seconds(limit);
    }
    if (simulation.now >= pending.due) {
      evict(context, object);
      return;
    }
    return milliseconds(pending.due - simulation.now);
  },
});

const NO_TAINTS: readonly Taint[] = Object.freeze([]);

const noExecuteOf = ({ spec }: Node): readonly Taint[] =>
  spec.taints?.filter(({ effect }) => effect === 'NoExecute') ?? NO_TAINTS;

/** The shortest time of the tolerations that are used; 0 where a taint is not tolerated. */
function tolerationSeconds(taints: readonly Taint[], tolerations: readonly Toleration[]): number | 'forever' {
  let shortest: number | 'forever' = 'forever';
  for (const taint of taints) {
    const used = tolerations.find((toleration) => tolerates(toleration, taint));
    if (used === undefined) return 0;
    const { tolerationSeconds: limit } = used;
    if (limit !== undefined && (shortest === 'forever' || limit < shortest)) shortest = Math.max(limit, 0);
  }
  return shortest;
}

function cancel({ key, state, recorder }: Context): undefined {
  if (!state.delete(key)) return undefined;
  recorder.record(referenceTo(key), 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`);
  return undefined;
}

function evict(context: Context, object: Pod): undefined {
  const { client, key, state, recorder, simulation } = context;
  state.delete(key);
  recorder.record(referenceTo(key), 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`);
  const { generation, uid } = object.metadata;
  const condition = {
    type: 'DisruptionTarget',
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  };
  const conditions = withPodCondition(object.status?.conditions ?? [], condition, timestamp(simulation.now));
  const remove = (): void =>
    client.delete(pod, object, {}, ({ error }) => {
      if (error !== undefined && !isGone(error)) context.fail(error);
    });
  if (conditions === undefined) remove();
  else {
    client.patchStatus(pod, key, { metadata: { uid }, status: { conditions } }, ({ error }) => {
      if (error === undefined) remove();
      else if (!isGone(error)) context.fail(error);
    });
  }
  return undefined;
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
