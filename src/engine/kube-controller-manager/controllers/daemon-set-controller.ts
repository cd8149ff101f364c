// Mirrors upstream's DaemonSet controller: one pod on every node that fits, rolling updates by surge or unavailability,
// revisions. It leaves out labels of revisions made before Kubernetes 1.7, and hashes of revisions that are the same.
import { after, instant, milliseconds, minutes, seconds, type Duration, type Instant } from '../../kernel/clock.js';
import { controllerRevision } from '../../kinds/controller-revision.js';
import { daemonSet } from '../../kinds/daemon-set.js';
import { node } from '../../kinds/node.js';
import { podsByNode, podsByOwner } from '../../kinds/pod-indexes.js';
import { pod } from '../../kinds/pod.js';
import type { ControllerRevision, DaemonSet, DaemonSetStatus } from '../../machinery/api/apps-v1.js';
import type { Node, Pod } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import { placementPlan, updatePlan, type DaemonPlan, type DaemonView } from '../daemon-set/daemon-plan.js';
import { oldestFirst, podsByTarget } from '../daemon-set/daemon-pods.js';
import { fitOf, generationOf, HASH_LABEL, isUpdated, templateFor } from '../daemon-set/node-fit.js';
import {
  currentRevision,
  revisionsOf,
  truncateHistory,
  type RevisionedWorkload,
} from '../history/controller-revisions.js';
import { controllerOf } from '../owner-references.js';
import { claimPods, createPods, deletePod, podFromTemplate } from '../owned-pods.js';
import { isAvailable, isReady, readyTransition } from '../pods.js';
import { without } from '../without.js';

/** Pods created or deleted in one pass. */
const BURST_MAX = 250;
const BATCH_PERIOD = milliseconds(20);
const REVISION_LIMIT = 10;
const FAILED_BACKOFF_BASE = seconds(1);
const FAILED_BACKOFF_MAX = minutes(15);
const MS_PER_SECOND = 1_000;

/** When the daemon of a node last failed, and how long its successor waits. */
interface Failure {
  readonly at: Instant;
  readonly wait: Duration;
}

/** Failures by node, by key of the set. */
type State = Map<string, Map<string, Failure>>;
type Context = ReconcileContext<State>;

export const daemonSetController = defineController<DaemonSet, State>({
  name: 'daemonset-controller',
  serviceAccount: 'daemon-set-controller',
  primary: daemonSet,
  owns: [{ kind: controllerRevision, matters: () => false }],
  watches: [
    watching<Pod, State>({ kind: pod, matters: mattersToSet, map: setsOf }),
    watching<Node, State>({ kind: node, matters: mattersToPlacement, map: setsOfNode }),
  ],
  batchPeriod: () => BATCH_PERIOD,
  newState: () => new Map(),

  reconcile(context, set) {
    if (set === undefined) context.state.delete(context.key);
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
    if (selectsEverything(set)) {
      const message = 'This daemon set is selecting all pods. A non-empty selector is required.';
      context.recorder.record(set, 'Warning', 'SelectingAll', message);
      return undefined;
    }
    return sync(context, set);
  },
});

const selectsEverything = ({ spec: { selector } }: DaemonSet): boolean =>
  Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;

function sync(context: Context, set: DaemonSet): Duration | undefined {
  const selector = fromLabelSelector(set.spec.selector);
  const workload: RevisionedWorkload = {
    kind: daemonSet,
    object: set,
    template: set.spec.template,
    selector,
    collisionCount: set.status?.collisionCount,
    hashLabel: HASH_LABEL,
  };
  const revisions = revisionsOf(context, workload);
  const current = currentRevision(context, workload, revisions, () => noteCollision(context, set));
  if (current === undefined) return undefined;
  const hash = current.metadata.labels?.[HASH_LABEL] ?? '';
  const pods = claimPods(context, { owner: { kind: daemonSet, object: set }, selector });
  const nodes = context.client.list(node);
  const fits = new Map(nodes.map((each) => [each.metadata.name, fitOf(set, each)]));
  const view = { set, hash, nodes, fits, pods: podsByTarget(pods), now: context.simulation.now };
  const again = act(context, view);
  const live = new Set(pods.map(({ metadata }) => metadata.labels?.[HASH_LABEL] ?? ''));
  const isLive = (each: ControllerRevision): boolean =>
    each.metadata.name === current.metadata.name || live.has(each.metadata.labels?.[HASH_LABEL] ?? '');
  truncateHistory(context, revisions, isLive, set.spec.revisionHistoryLimit ?? REVISION_LIMIT);
  const newest = context.client.indexed(pod, podsByOwner, set.metadata.uid ?? '');
  const status = statusOf({ ...view, pods: podsByTarget(newest) });
  if (!deepEqual(status, set.status)) context.client.updateStatus(daemonSet, { ...set, status });
  return again ?? nextAvailability(set, newest, context.simulation.now);
}

function act(context: Context, view: DaemonView): Duration | undefined {
  if (context.outstanding > 0) return undefined;
  let again: Duration | undefined;
  const plan = placementPlan(view, {
    replaces(object, nodeName) {
      const wait = object.status?.phase === 'Failed' ? failedWait(context, nodeName) : milliseconds(0);
      if (wait > 0) {
        if (again === undefined || wait < again) again = wait;
        return false;
      }
      tellOfEnded(context, view.set, object, nodeName);
      return true;
    },
  });
  carryOut(context, view, plan);
  const isSettled = plan.deleted.length === 0 && plan.needing.length === 0;
  if (isSettled && view.set.spec.updateStrategy?.type !== 'OnDelete') carryOut(context, view, updatePlan(view));
  return again;
}

/** How long the failed daemon of a node has to stay; what is over is noted as one more failure. */
function failedWait({ state, key, simulation }: Context, nodeName: string): Duration {
  const failures = state.get(key) ?? new Map<string, Failure>();
  state.set(key, failures);
  const former = failures.get(nodeName);
  const since = former === undefined ? 0 : simulation.now - former.at;
  if (former !== undefined && since < former.wait) return milliseconds(former.wait - since);
  const isForgotten = former === undefined || since > 2 * FAILED_BACKOFF_MAX;
  const wait = isForgotten ? FAILED_BACKOFF_BASE : milliseconds(Math.min(2 * former.wait, FAILED_BACKOFF_MAX));
  failures.set(nodeName, { at: simulation.now, wait });
  return milliseconds(0);
}

function tellOfEnded({ recorder }: Context, set: DaemonSet, { metadata, status }: Pod, nodeName: string): void {
  const words = `daemon pod ${metadata.namespace ?? ''}/${metadata.name} on node ${nodeName}, will try to`;
  if (status?.phase === 'Failed') recorder.record(set, 'Warning', 'FailedDaemonPod', `Found failed ${words} kill it`);
  else recorder.record(set, 'Normal', 'SucceededDaemonPod', `Found succeeded ${words} delete it`);
}

function carryOut(context: Context, { set, hash }: DaemonView, { deleted, needing }: DaemonPlan): void {
  const owner = { kind: daemonSet, object: set };
  const made = needing.slice(0, BURST_MAX).map((name) => podFromTemplate(owner, templateFor(set, hash, name)));
  createPods(context, owner, made);
  for (const each of deleted.slice(0, BURST_MAX)) deletePod(context, owner, each);
}

function statusOf({ set, hash, nodes, fits, pods, now }: DaemonView): DaemonSetStatus {
  const generation = generationOf(set);
  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, updated: 0, available: 0 };
  for (const { metadata } of nodes) {
    const there = pods.get(metadata.name);
    if (fits.get(metadata.name)?.shouldRun !== true) {
      counts.misscheduled += there === undefined ? 0 : 1;
      continue;
    }
    counts.desired++;
    const [shown] = there?.toSorted(oldestFirst) ?? [];
    if (shown === undefined) continue;
    counts.current++;
    if (isReady(shown)) counts.ready++;
    if (isAvailable(shown, set.spec.minReadySeconds ?? 0, now)) counts.available++;
    if (isUpdated(shown.metadata.labels, hash, generation)) counts.updated++;
  }
  const unavailable = counts.desired - counts.available;
  const observed = set.metadata.generation;
  const former =
    set.status === undefined
      ? {}
      : without(set.status, 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable');
  return {
    ...former,
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    desiredNumberScheduled: counts.desired,
    numberReady: counts.ready,
    ...(observed === undefined ? {} : { observedGeneration: observed }),
    ...(counts.updated === 0 ? {} : { updatedNumberScheduled: counts.updated }),
    ...(counts.available === 0 ? {} : { numberAvailable: counts.available }),
    ...(unavailable === 0 ? {} : { numberUnavailable: unavailable }),
  };
}

const NOTHING: DaemonSetStatus = Object.freeze({
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
});

function noteCollision({ client }: Context, set: DaemonSet): void {
  const collisionCount = (set.status?.collisionCount ?? 0) + 1;
  client.updateStatus(daemonSet, { ...set, status: { ...(set.status ?? NOTHING), collisionCount } });
}

function nextAvailability({ spec }: DaemonSet, pods: readonly Pod[], now: Instant): Duration | undefined {
  if ((spec.minReadySeconds ?? 0) === 0) return undefined;
  const wait = milliseconds((spec.minReadySeconds ?? 0) * MS_PER_SECOND);
  const waits = pods
    .filter(isReady)
    .map((each) => after(readyTransition(each) ?? instant(0), wait) - now)
    .filter((each) => each > 0);
  return waits.length === 0 ? undefined : milliseconds(Math.min(...waits));
}

function mattersToSet(object: Pod, previous: Pod): boolean {
  return (
    !deepEqual(object.metadata.labels, previous.metadata.labels) ||
    !deepEqual(object.metadata.ownerReferences, previous.metadata.ownerReferences) ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    object.spec.nodeName !== previous.spec.nodeName ||
    object.status?.phase !== previous.status?.phase ||
    isReady(object) !== isReady(previous)
  );
}

function setsOf(object: Pod, { client }: MapContext<State>): readonly string[] {
  const { namespace = '', labels, deletionTimestamp } = object.metadata;
  const owner = controllerOf(object);
  if (owner !== undefined) return owner.kind === daemonSet.kind ? [`${namespace}/${owner.name}`] : [];
  if (deletionTimestamp !== undefined) return [];
  return client
    .list(daemonSet, namespace)
    .filter(({ spec }) => matches(fromLabelSelector(spec.selector), labels))
    .map(keyOf);
}

function mattersToPlacement(object: Node, previous: Node): boolean {
  return (
    !deepEqual(object.metadata.labels, previous.metadata.labels) || !deepEqual(object.spec.taints, previous.spec.taints)
  );
}

/** The sets that have too few or too many pods on the node. */
function setsOfNode({ metadata }: Node, { client }: MapContext<State>): readonly string[] {
  const host = client.get(node, metadata.name);
  const sets = host === undefined ? [] : client.list(daemonSet);
  if (host === undefined || sets.length === 0) return [];
  const there = new Set(client.indexed(pod, podsByNode, metadata.name).map((each) => controllerOf(each)?.uid));
  return sets
    .filter((set) => {
      const { shouldRun, shouldContinue } = fitOf(set, host);
      const has = there.has(set.metadata.uid);
      return (shouldRun && !has) || (has && (!shouldContinue || (set.status?.numberMisscheduled ?? 0) > 0));
    })
    .map(keyOf);
}
