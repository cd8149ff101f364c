// Mirrors upstream's node lifecycle controller: gives up nodes without signs of life, taints nodes by their conditions, and marks
// the pods of a lost node unready. It leaves out zone disruption modes. Healthy nodes cost nothing: a deadline exists only where no kubelet runs.
import { after, milliseconds, seconds, timestamp, type Duration, type Instant } from '../../kernel/clock.js';
import { lease } from '../../kinds/lease.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';
import { podsByNode } from '../../kinds/pod-indexes.js';
import type { Lease } from '../../machinery/api/coordination-v1.js';
import type { Node } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type ReconcileContext } from '../controller.js';
import { deadlineOf, probed, unknownConditions, type NodeProbe } from '../nodes/node-health.js';
import { lacksNoExecute, readyConditionOf, wantedTaints } from '../nodes/node-taints.js';
import { isGone } from '../status-errors.js';

const LEASE_NAMESPACE = 'kube-node-lease';
/** Upstream's `--node-eviction-rate` of 0.1: after one node of a zone, the next one's pods leave this much later. */
const EVICTION_INTERVAL = seconds(10);
const ZONE_LABELS = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone'] as const;

interface State {
  readonly probes: Map<string, NodeProbe>;
  /** The nodes that were told of, and their uids. */
  readonly known: Map<string, string>;
  /** When the next node of a zone may be evicted. */
  readonly nextEviction: Map<string, Instant>;
}
type Context = ReconcileContext<State>;

export const nodeLifecycleController = defineController<Node, State>({
  name: 'node-controller',
  option: 'node-lifecycle-controller',
  primary: node,
  matters: (object, previous) =>
    object.spec.unschedulable !== previous.spec.unschedulable ||
    !deepEqual(object.spec.taints, previous.spec.taints) ||
    !deepEqual(object.status?.conditions, previous.status?.conditions),
  watches: [
    watching<Lease, State>({
      kind: lease,
      map: ({ metadata }) => (metadata.namespace === LEASE_NAMESPACE ? [metadata.name] : []),
    }),
  ],
  newState: () => ({ probes: new Map(), known: new Map(), nextEviction: new Map() }),

  reconcile(context, object) {
    if (object === undefined) {
      forget(context);
      return;
    }
    register(context, object);
    const wait = checkHealth(context, object);
    const latest = context.client.get(node, context.key);
    if (latest === undefined) return undefined;
    const evictionWait = taint(context, latest);
    return wait === undefined ? evictionWait : milliseconds(Math.min(wait, evictionWait ?? wait));
  },
});

function forget({ key, state, recorder }: Context): undefined {
  const uid = state.known.get(key);
  state.probes.delete(key);
  state.known.delete(key);
  if (uid === undefined) return undefined;
  const about = { apiVersion: 'v1', kind: 'Node', metadata: { name: key, uid } };
  recorder.record(about, 'Normal', 'RemovingNode', `Node ${key} event: Removing Node ${key} from Controller`);
  return undefined;
}

function register({ key, state, recorder }: Context, { metadata }: Node): void {
  const uid = metadata.uid ?? '';
  if (state.known.get(key) === uid) return;
  state.known.set(key, uid);
  state.probes.delete(key);
  const about = { apiVersion: 'v1', kind: 'Node', metadata: { name: key, uid } };
  recorder.record(about, 'Normal', 'RegisteredNode', `Node ${key} event: Registered Node ${key} in Controller`);
}

/** Returns how long to wait for a sign of life; nothing where a kubelet runs, or where the node has been given up. */
function checkHealth(context: Context, object: Node): Duration | undefined {
  const { client, key, state, settings, simulation } = context;
  const probe = probed(state.probes.get(key), object, client.get(lease, `${LEASE_NAMESPACE}/${key}`), simulation.now);
  state.probes.set(key, probe);
  if (settings.heartbeats.nodeHeartbeat(key) !== undefined) return undefined;
  const conditions = unknownConditions(object, simulation.now);
  if (conditions === undefined) return undefined;
  const deadline = deadlineOf(object, probe);
  if (simulation.now < deadline) return milliseconds(deadline - simulation.now);
  const wasReady = readyConditionOf(object)?.status === 'True';
  client.updateStatus(node, { ...object, status: { ...object.status, conditions } }, ({ error }) => {
    if (error !== undefined) return context.fail(error);
    if (wasReady) lost(context, object);
  });
  return undefined;
}

function lost(context: Context, { metadata }: Node): void {
  const { name, uid = '' } = metadata;
  const about = { apiVersion: 'v1', kind: 'Node', metadata: { name, uid } };
  context.recorder.record(about, 'Normal', 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
  markPodsUnready(context, name);
}

function markPodsUnready(context: Context, nodeName: string): void {
  const { client, recorder, simulation } = context;
  for (const each of client.indexed(pod, podsByNode, nodeName)) {
    const conditions = each.status?.conditions ?? [];
    if (!conditions.some(({ type, status }) => type === 'Ready' && status !== 'False')) continue;
    const marked = conditions.map((condition) =>
      condition.type === 'Ready'
        ? { ...condition, status: 'False', lastTransitionTime: timestamp(simulation.now) }
        : condition,
    );
    client.patchStatus(
      pod,
      keyOf(each),
      { metadata: { uid: each.metadata.uid }, status: { conditions: marked } },
      ({ error }) => {
        if (error === undefined) recorder.record(each, 'Warning', 'NodeNotReady', 'Node is not ready');
        else if (!isGone(error)) context.fail(error);
      },
    );
  }
}

/** Returns how long to wait for this node's turn to be evicted. */
function taint(context: Context, object: Node): Duration | undefined {
  const { client, state, simulation } = context;
  const needsEviction = lacksNoExecute(object);
  const zone = ZONE_LABELS.map((label) => object.metadata.labels?.[label] ?? '').join(':');
  const turn = state.nextEviction.get(zone) ?? simulation.now;
  const mayEvict = !needsEviction || turn <= simulation.now;
  const taints = wantedTaints(object, mayEvict, simulation.now);
  if (taints !== undefined) {
    const { resourceVersion, uid } = object.metadata;
    const patch = { metadata: { uid, resourceVersion }, spec: { taints: taints.length === 0 ? null : taints } };
    client.patch(node, object.metadata.name, patch);
    if (needsEviction && mayEvict) state.nextEviction.set(zone, after(simulation.now, EVICTION_INTERVAL));
  }
  return mayEvict ? undefined : milliseconds(turn - simulation.now);
}
