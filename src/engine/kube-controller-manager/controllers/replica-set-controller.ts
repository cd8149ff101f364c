// Mirrors upstream's ReplicaSet controller: keeps as many pods alive as a set asks for, adopts and releases by labels.
// It leaves out expectations: reads show the newest state, and creates that have not settled are counted as outstanding.
import { milliseconds, type Duration, type Instant } from '../../kernel/clock.js';
import { pod } from '../../kinds/pod.js';
import { podsByOwner } from '../../kinds/pod-indexes.js';
import { replicaSet } from '../../kinds/replica-set.js';
import type { ReplicaSet } from '../../machinery/api/apps-v1.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fromLabelSelector, matches, type LabelRequirements } from '../../machinery/label-selector.js';
import { keyOf } from '../../machinery/object.js';
import type { NewObject } from '../../machinery/resource-api.port.js';
import type { StatusError } from '../../machinery/status-error.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import {
  adoptionPatch,
  replicaSetsByOwner,
  controllerOf,
  controllerReference,
  orphanPods,
  releasePatch,
} from '../owner-references.js';
import { isActive, isReady, isTerminating, readyTransition } from '../pods.js';
import { inDeletionOrder } from '../replica-set/deletion-rank.js';
import { replicaSetStatus, type ReplicaFailure } from '../replica-set/replica-set-status.js';
import { isGone, isNamespaceTerminating } from '../status-errors.js';

/** Pods created or deleted in one pass, so that one large set cannot starve the others: the rest follows in the next. */
const BURST_MAX = 16;
/** Changes of pods are gathered so long: a thousand pods that get ready one by one cost tens of passes, not thousands. */
const BATCH_PERIOD = milliseconds(20);
const GENERATED_PREFIX_MAX = 58;

/** Failures that the status still has to tell of, by key. */
type State = Map<string, ReplicaFailure>;
type Context = ReconcileContext<State>;

export const replicaSetController = defineController<ReplicaSet, State>({
  name: 'replicaset-controller',
  primary: replicaSet,
  watches: [watching<Pod, State>({ kind: pod, matters: mattersToSet, map: setsOf })],
  batchPeriod: () => BATCH_PERIOD,
  newState: () => new Map(),

  reconcile(context, set) {
    const { client, key, state, simulation } = context;
    if (set === undefined) {
      state.delete(key);
      return undefined;
    }
    const burst = createBurst(context, set);
    if (burst === 'created') return milliseconds(0);
    const selector = fromLabelSelector(set.spec.selector);
    const active = claimPods(context, set, selector);
    let failure: ReplicaFailure | undefined;
    let isChanged = false;
    if (set.metadata.deletionTimestamp === undefined) {
      isChanged = active.length + context.outstanding !== replicasOf(set);
      failure = burst ?? manageReplicas(context, set, active);
    }
    const owned = ownedPods(context, set).filter(({ metadata }) => matches(selector, metadata.labels));
    const pods = { active: isChanged ? owned.filter(isActive) : active, terminating: owned.filter(isTerminating) };
    // More is to be done at once: the status waits for the last pass.
    if (isChanged && failure === undefined && pods.active.length + context.outstanding !== replicasOf(set)) {
      return milliseconds(0);
    }
    const status = replicaSetStatus(set, pods, failure, simulation.now);
    if (!deepEqual(status, set.status)) client.updateStatus(replicaSet, { ...set, status });
    return nextAvailability(set, pods.active, simulation.now);
  },
});

const replicasOf = ({ spec }: ReplicaSet): number => spec.replicas ?? 1;

const ownedPods = ({ client }: Context, set: ReplicaSet): readonly Pod[] =>
  client.indexed(pod, podsByOwner, set.metadata.uid ?? '');

/**
 * Creates a whole burst where at least so many pods are missing whatever state those have that are there: a set that
 * grows by thousands looks at each of its pods when it is nearly done, and not in every pass on the way.
 */
function createBurst(context: Context, set: ReplicaSet): 'created' | ReplicaFailure | undefined {
  const { client, key, state } = context;
  const { namespace = '', deletionTimestamp } = set.metadata;
  const there = ownedPods(context, set).length + context.outstanding;
  if (deletionTimestamp !== undefined || replicasOf(set) - there < BURST_MAX) return undefined;
  // What failed while it was outstanding was told to nobody yet, and an orphan may be adopted instead.
  if (state.has(key) || client.indexed(pod, orphanPods, namespace).length > 0) return undefined;
  createPods(context, set, BURST_MAX);
  return state.get(key) ?? 'created';
}

/** The active pods of the set: those that it owns and still selects, and the orphans that it adopts now. */
function claimPods(context: Context, set: ReplicaSet, selector: LabelRequirements): readonly Pod[] {
  const { client } = context;
  const isDeleting = set.metadata.deletionTimestamp !== undefined;
  const claimed: Pod[] = [];
  for (const each of ownedPods(context, set)) {
    if (!isActive(each)) continue;
    if (matches(selector, each.metadata.labels)) claimed.push(each);
    else if (!isDeleting)
      client.patch(pod, keyOf(each), releasePatch(each, new Set([set.metadata.uid ?? ''])), ignoreGone(context));
  }
  if (isDeleting) return claimed;
  for (const orphan of client.indexed(pod, orphanPods, set.metadata.namespace ?? '')) {
    if (!isActive(orphan) || !matches(selector, orphan.metadata.labels)) continue;
    client.patch(pod, keyOf(orphan), adoptionPatch(orphan, controllerReference(replicaSet, set)), ignoreGone(context));
    claimed.push(orphan);
  }
  return claimed;
}

/** Creates what is missing, deletes what is too much. Returns what the status has to say of it. */
function manageReplicas(context: Context, set: ReplicaSet, active: readonly Pod[]): ReplicaFailure | undefined {
  const { key, state, outstanding } = context;
  // What failed while it was outstanding was told to nobody yet.
  const former = state.get(key);
  state.delete(key);
  const missing = replicasOf(set) - active.length - outstanding;
  if (missing > 0) createPods(context, set, Math.min(missing, BURST_MAX));
  else if (missing + outstanding < 0) deletePods(context, set, active, -missing - outstanding);
  return state.get(key) ?? (context.outstanding > 0 ? former : undefined);
}

/** In batches that double, as upstream: where all fail for one reason, few are tried. */
function createPods(context: Context, set: ReplicaSet, count: number): void {
  const template = podFrom(set);
  let failures = 0;
  const failed = (error: StatusError): void => {
    failures++;
    failedCreate(context, set, error);
  };
  let remaining = count;
  for (let batch = 1; remaining > 0 && failures === 0; batch *= 2) {
    const size = Math.min(batch, remaining);
    for (let index = 0; index < size; index++) {
      context.create(pod, set.metadata.namespace, template, ({ object, error }) => {
        if (error === undefined)
          context.recorder.record(set, 'Normal', 'SuccessfulCreate', `Created pod: ${object.metadata.name}`);
        else failed(error);
      });
    }
    remaining -= size;
  }
}

function failedCreate(context: Context, set: ReplicaSet, error: StatusError): void {
  if (isNamespaceTerminating(error)) return;
  context.recorder.record(set, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
  context.state.set(context.key, { reason: 'FailedCreate', message: error.message });
  context.fail(error);
}

function deletePods(context: Context, set: ReplicaSet, active: readonly Pod[], surplus: number): void {
  const { client, recorder, simulation } = context;
  const order = surplus >= active.length ? active : inDeletionOrder(active, relatedPods(context, set), simulation.now);
  for (const each of order.slice(0, Math.min(surplus, BURST_MAX))) {
    client.delete(pod, each, {}, ({ error }) => {
      if (error === undefined) recorder.record(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${each.metadata.name}`);
      else if (!isGone(error)) failedDelete(context, set, error);
    });
  }
}

function failedDelete(context: Context, set: ReplicaSet, error: StatusError): void {
  context.recorder.record(set, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`);
  context.state.set(context.key, { reason: 'FailedDelete', message: `unable to delete pods: ${error.message}` });
  context.fail(error);
}

/** The pods of all sets of the same Deployment: they crowd a node as much as the set's own. */
function relatedPods(context: Context, set: ReplicaSet): readonly Pod[] {
  const owner = controllerOf(set);
  if (owner === undefined) return ownedPods(context, set);
  return context.client
    .indexed(replicaSet, replicaSetsByOwner, owner.uid)
    .flatMap((sibling) => ownedPods(context, sibling));
}

function podFrom(set: ReplicaSet): NewObject<Pod> {
  const { metadata = { name: '' }, spec } = set.spec.template ?? {};
  const { labels, annotations, finalizers } = metadata;
  return {
    metadata: {
      generateName: `${set.metadata.name.slice(0, GENERATED_PREFIX_MAX)}-`,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(replicaSet, set)],
    },
    spec: spec ?? { containers: [] },
  };
}

/** When the next ready pod will have been ready for long enough. */
function nextAvailability({ spec }: ReplicaSet, active: readonly Pod[], now: Instant): Duration | undefined {
  const { minReadySeconds = 0 } = spec;
  if (minReadySeconds === 0) return undefined;
  let next: number | undefined;
  for (const each of active) {
    const since = isReady(each) ? readyTransition(each) : undefined;
    if (since === undefined) continue;
    const wait = since + minReadySeconds * 1_000 - now;
    if (wait > 0 && (next === undefined || wait < next)) next = wait;
  }
  return next === undefined ? undefined : milliseconds(next);
}

/** The set that controls the pod, or all that select an orphan: a pod that somebody controls is nobody else's. */
function setsOf(object: Pod, { client }: MapContext<State>): readonly string[] {
  const { namespace, labels, deletionTimestamp } = object.metadata;
  const owner = controllerOf(object);
  if (owner !== undefined) return owner.kind === replicaSet.kind ? [`${namespace ?? ''}/${owner.name}`] : [];
  if (deletionTimestamp !== undefined) return [];
  return client
    .list(replicaSet, namespace)
    .filter(({ spec }) => matches(fromLabelSelector(spec.selector), labels))
    .map(keyOf);
}

/** Only what the set counts by; most of a pod's status changes are none of its business. */
function mattersToSet(object: Pod, previous: Pod): boolean {
  return (
    !deepEqual(object.metadata.labels, previous.metadata.labels) ||
    !deepEqual(object.metadata.ownerReferences, previous.metadata.ownerReferences) ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    object.status?.phase !== previous.status?.phase ||
    isReady(object) !== isReady(previous)
  );
}

const ignoreGone =
  (context: Context) =>
  ({ error }: { readonly error?: StatusError }): void => {
    if (error !== undefined && !isGone(error)) context.fail(error);
  };
