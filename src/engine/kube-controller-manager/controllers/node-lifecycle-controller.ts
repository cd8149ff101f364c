// Mirrors upstream's node lifecycle controller: gives up nodes without signs of life, taints nodes by their conditions, and marks
// the pods of a lost node unready; zones of which most is lost are left alone. Healthy nodes cost nothing: a deadline exists only where no kubelet runs.
import { after, milliseconds, timestamp, type Duration, type Instant } from '../../kernel/clock.js';
import { lease } from '../../kinds/lease.js';
import { node } from '../../kinds/node.js';
import { pod } from '../../kinds/pod.js';
import { podsByNode } from '../../kinds/pod-indexes.js';
import type { Lease } from '../../machinery/api/coordination-v1.js';
import type { Node } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import { deadlineOf, probed, unknownConditions, type NodeProbe } from '../nodes/node-health.js';
import { lacksNoExecute, readyConditionOf, wantedTaints } from '../nodes/node-taints.js';
import { ZoneCensus } from '../nodes/zone-census.js';
import { isGone } from '../status-errors.js';

const LEASE_NAMESPACE = 'kube-node-lease';
/** Upstream looks for nodes to evict this often: those that are lost in one moment are counted before one is evicted. */
const EVICTION_DELAY = milliseconds(100);
const ZONE_LABELS = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone'] as const;

interface State {
  readonly probes: Map<string, NodeProbe>;
  /** The nodes that were told of, and their uids. */
  readonly known: Map<string, string>;
  readonly census: ZoneCensus;
  /** From when on a node that is to be evicted may be. */
  readonly evictable: Map<string, Instant>;
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
    watching<Node, State>({ kind: node, map: affectedBy }),
  ],
  newState: () => ({ probes: new Map(), known: new Map(), census: new ZoneCensus(), evictable: new Map() }),

  reconcile(context, object) {
    if (object === undefined) {
      forget(context);
      return;
    }
    register(context, object);
    const wait = checkHealth(context, object);
    const latest = context.client.get(node, context.key);
    if (latest === undefined) return undefined;
    note(context, latest);
    const evictionWait = taint(context, latest);
    return wait === undefined ? evictionWait : milliseconds(Math.min(wait, evictionWait ?? wait));
  },
});

/** Where this changes how zones are, those that wait for their turn, or were evicted in vain, are looked at again. */
function affectedBy({ metadata }: Node, context: MapContext<State>): readonly string[] {
  const { client, state, simulation } = context;
  const latest = client.get(node, metadata.name);
  if (latest === undefined) state.census.forget(metadata.name, simulation.now);
  else note(context, latest);
  return state.census.takeAffected();
}

function note({ state, simulation }: MapContext<State>, object: Node): void {
  const { now } = simulation;
  const wasBlackout = state.census.isBlackout;
  state.census.note(object.metadata.name, zoneOf(object), readyConditionOf(object)?.status === 'True', now);
  if (!wasBlackout || state.census.isBlackout) return;
  // After a time in which nobody was seen, all are given a new start.
  for (const [name, probe] of state.probes) state.probes.set(name, { ...probe, at: now });
}

const zoneOf = ({ metadata }: Node): string => ZONE_LABELS.map((label) => metadata.labels?.[label] ?? '').join(':');

function forget({ key, state, recorder, simulation }: Context): undefined {
  const uid = state.known.get(key);
  state.probes.delete(key);
  state.known.delete(key);
  state.evictable.delete(key);
  state.census.forget(key, simulation.now);
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
  const { now } = simulation;
  const { name, resourceVersion, uid } = object.metadata;
  const turn = turnOf(context, object);
  const isTurn = turn !== undefined && turn <= now;
  const taints = wantedTaints(object, state.census.isBlackout ? 'release' : isTurn ? 'evict' : 'keep', now);
  if (taints !== undefined) {
    const patch = { metadata: { uid, resourceVersion }, spec: { taints: taints.length === 0 ? null : taints } };
    client.patch(node, name, patch);
    if (isTurn) state.census.evicted(zoneOf(object), now);
  }
  return turn === undefined || isTurn ? undefined : milliseconds(turn - now);
}

/** When the node's pods may be made to leave; `undefined` where they need not, or nobody's may. */
function turnOf({ key, state, simulation }: Context, object: Node): Instant | undefined {
  if (!lacksNoExecute(object)) {
    state.evictable.delete(key);
    return undefined;
  }
  const earliest = state.evictable.get(key) ?? after(simulation.now, EVICTION_DELAY);
  state.evictable.set(key, earliest);
  const turn = state.census.turnOf(zoneOf(object), simulation.now);
  return turn === undefined || turn > earliest ? turn : earliest;
}
