import { milliseconds, type Duration, type Instant } from '../../kernel/clock.js';
import { podsByOwner } from '../../kinds/pod-indexes.js';
import { pod } from '../../kinds/pod.js';
import type { ReplicaSet } from '../../machinery/api/apps-v1.js';
import type { Pod, ReplicationController } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import type { Kind } from '../../machinery/kind.js';
import { matches, type LabelRequirements } from '../../machinery/label-selector.js';
import { keyOf } from '../../machinery/object.js';
import type { StatusError } from '../../machinery/status-error.js';
import type { ReconcileContext } from '../controller.js';
import { adoptionPatch, controllerReference, orphanPods, releasePatch } from '../owner-references.js';
import { failingUnlessGone, podFromTemplate } from '../owned-pods.js';
import { isActive, isReady, isTerminating, readyTransition } from '../pods.js';
import { isGone, isNamespaceTerminating } from '../status-errors.js';
import { inDeletionOrder } from './deletion-rank.js';
import type { ReplicaFailure, ReplicaSetPods } from './replica-set-status.js';

/** Pods created or deleted in one pass, so that one large set cannot starve the others: the rest follows in the next. */
const BURST_MAX = 16;
/** Pods that are chosen for deletion at once, as upstream's `BurstReplicas`: a set that shrinks by thousands ranks its pods once for so many. */
const DOOMED_MAX = 500;

/** A set of pods that are all alike. */
export type Replicated = ReplicaSet | ReplicationController;

/** Pods that are to be deleted in the passes to come, as long as the set asks for what it asked for. */
interface Doomed {
  readonly uid: string;
  readonly generation: number;
  readonly pods: readonly Pod[];
}

/** What is remembered from pass to pass, by key. */
export class ReplicaState {
  /** What the status still has to tell of. */
  readonly failures = new Map<string, ReplicaFailure>();
  readonly doomed = new Map<string, Doomed>();

  forget(key: string): void {
    this.failures.delete(key);
    this.doomed.delete(key);
  }
}

/** What a kind of set has of its own. */
export interface ReplicaTraits<T extends Replicated> {
  readonly kind: Kind<T>;
  selectorOf(set: T): LabelRequirements;
  /** The set with the status that its pods give it. */
  withStatus(set: T, pods: ReplicaSetPods, failure: ReplicaFailure | undefined, now: Instant): T;
  /** Sets whose pods crowd a node as much as the set's own, itself included. */
  related(context: ReconcileContext<ReplicaState>, set: T): readonly T[];
}

const replicasOf = ({ spec }: Replicated): number => spec.replicas ?? 1;

/** One pass over a set: keeps as many pods alive as it asks for, adopts and releases by labels. */
export class ReplicaPass<T extends Replicated> {
  readonly #traits: ReplicaTraits<T>;
  readonly #context: ReconcileContext<ReplicaState>;
  readonly #set: T;
  /** Nothing can be created in a namespace that is being deleted: there is nothing to do until the set goes, too. */
  #isNamespaceGoing = false;

  constructor(traits: ReplicaTraits<T>, context: ReconcileContext<ReplicaState>, set: T) {
    this.#traits = traits;
    this.#context = context;
    this.#set = set;
  }

  run(): Duration | undefined {
    const { client, simulation } = this.#context;
    const set = this.#set;
    const burst = this.#createBurst() ?? this.#deleteBurst();
    if (burst === 'more') return milliseconds(0);
    const selector = this.#traits.selectorOf(set);
    const active = this.#claim(selector);
    let failure: ReplicaFailure | undefined;
    let isChanged = false;
    if (set.metadata.deletionTimestamp === undefined) {
      isChanged = active.length + this.#context.outstanding !== replicasOf(set);
      failure = burst ?? this.#manage(active);
    }
    const owned = this.#owned(set).filter(({ metadata }) => matches(selector, metadata.labels));
    const pods = { active: isChanged ? owned.filter(isActive) : active, terminating: owned.filter(isTerminating) };
    // More is to be done at once: the status waits for the last pass.
    const isComplete = pods.active.length + this.#context.outstanding === replicasOf(set);
    if (isChanged && failure === undefined && !isComplete && !this.#isNamespaceGoing) return milliseconds(0);
    const next = this.#traits.withStatus(set, pods, failure, simulation.now);
    if (!deepEqual(next.status, set.status)) client.updateStatus(this.#traits.kind, next);
    return nextAvailability(set, pods.active, simulation.now);
  }

  #owned({ metadata }: Replicated): readonly Pod[] {
    return this.#context.client.indexed(pod, podsByOwner, metadata.uid ?? '');
  }

  /**
   * Creates a whole burst where at least so many pods are missing whatever state those have that are there: a set that
   * grows by thousands looks at each of its pods when it is nearly done, and not in every pass on the way.
   */
  #createBurst(): 'more' | ReplicaFailure | undefined {
    const { client, key, state, outstanding } = this.#context;
    const { namespace = '', deletionTimestamp } = this.#set.metadata;
    const there = this.#owned(this.#set).length + outstanding;
    if (deletionTimestamp !== undefined || replicasOf(this.#set) - there < BURST_MAX) return undefined;
    // What failed while it was outstanding was told to nobody yet, and an orphan may be adopted instead.
    if (state.failures.has(key) || client.indexed(pod, orphanPods, namespace).length > 0) return undefined;
    this.#create(BURST_MAX);
    return this.#isNamespaceGoing ? undefined : (state.failures.get(key) ?? 'more');
  }

  /** Deletes more of what an earlier pass has chosen, without a look at all the others. */
  #deleteBurst(): 'more' | ReplicaFailure | undefined {
    const { state, key } = this.#context;
    const { uid = '', generation = 0, deletionTimestamp } = this.#set.metadata;
    const doomed = state.doomed.get(key);
    if (doomed === undefined) return undefined;
    state.doomed.delete(key);
    if (doomed.uid !== uid || doomed.generation !== generation || deletionTimestamp !== undefined) return undefined;
    this.#deleteFirst(doomed.pods);
    return state.failures.get(key) ?? 'more';
  }

  /** The active pods of the set: those that it owns and still selects, and the orphans that it adopts now. */
  #claim(selector: LabelRequirements): readonly Pod[] {
    const context = this.#context;
    const set: T = this.#set;
    const { client } = context;
    const isDeleting = set.metadata.deletionTimestamp !== undefined;
    const claimed: Pod[] = [];
    for (const each of this.#owned(set)) {
      if (!isActive(each)) continue;
      if (matches(selector, each.metadata.labels)) claimed.push(each);
      else if (!isDeleting) {
        const patch = releasePatch(each, new Set([set.metadata.uid ?? '']));
        client.patch(pod, keyOf(each), patch, failingUnlessGone(context));
      }
    }
    if (isDeleting) return claimed;
    for (const orphan of client.indexed(pod, orphanPods, set.metadata.namespace ?? '')) {
      if (!isActive(orphan) || !matches(selector, orphan.metadata.labels)) continue;
      const patch = adoptionPatch(orphan, controllerReference(this.#traits.kind, set));
      client.patch(pod, keyOf(orphan), patch, failingUnlessGone(context));
      claimed.push(orphan);
    }
    return claimed;
  }

  /** Creates what is missing, deletes what is too much. Returns what the status has to say of it. */
  #manage(active: readonly Pod[]): ReplicaFailure | undefined {
    const { key, state, outstanding } = this.#context;
    // What failed while it was outstanding was told to nobody yet.
    const former = state.failures.get(key);
    state.failures.delete(key);
    const missing = replicasOf(this.#set) - active.length - outstanding;
    if (missing > 0) this.#create(Math.min(missing, BURST_MAX));
    else if (missing + outstanding < 0) this.#delete(active, -missing - outstanding);
    return state.failures.get(key) ?? (this.#context.outstanding > 0 ? former : undefined);
  }

  /** In batches that double, as upstream: where all fail for one reason, few are tried. */
  #create(count: number): void {
    const context = this.#context;
    const set: T = this.#set;
    const template = podFromTemplate({ kind: this.#traits.kind, object: set }, set.spec.template);
    let failures = 0;
    const failed = (error: StatusError): void => {
      failures++;
      this.#failedCreate(error);
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

  #failedCreate(error: StatusError): void {
    const { recorder, state, key } = this.#context;
    if (isNamespaceTerminating(error)) {
      this.#isNamespaceGoing = true;
      return;
    }
    recorder.record(this.#set, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
    state.failures.set(key, { reason: 'FailedCreate', message: error.message });
    this.#context.fail(error);
  }

  #delete(active: readonly Pod[], surplus: number): void {
    const context = this.#context;
    const set: T = this.#set;
    const order =
      surplus >= active.length
        ? active
        : inDeletionOrder(
            active,
            this.#traits.related(context, set).flatMap((each) => this.#owned(each)),
            context.simulation.now,
          );
    this.#deleteFirst(order.slice(0, Math.min(surplus, DOOMED_MAX)));
  }

  /** Deletes a burst of them; the others follow in the next passes. */
  #deleteFirst(chosen: readonly Pod[]): void {
    const set: T = this.#set;
    const { client, recorder, state, key } = this.#context;
    const { uid = '', generation = 0 } = set.metadata;
    const pods = chosen.slice(BURST_MAX);
    if (pods.length > 0) state.doomed.set(key, { uid, generation, pods });
    for (const each of chosen.slice(0, BURST_MAX)) {
      const current = client.get(pod, keyOf(each));
      if (current === undefined || current.metadata.uid !== each.metadata.uid || !isActive(current)) continue;
      client.delete(pod, each, {}, ({ error }) => {
        if (error === undefined)
          recorder.record(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${each.metadata.name}`);
        else if (!isGone(error)) this.#failedDelete(error);
      });
    }
  }

  #failedDelete(error: StatusError): void {
    const { recorder, state, key } = this.#context;
    state.doomed.delete(key);
    recorder.record(this.#set, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`);
    state.failures.set(key, { reason: 'FailedDelete', message: `unable to delete pods: ${error.message}` });
    this.#context.fail(error);
  }
}

/** When the next ready pod will have been ready for long enough. */
function nextAvailability({ spec }: Replicated, active: readonly Pod[], now: Instant): Duration | undefined {
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

/** Only what a set counts by; most of a pod's status changes are none of its business. */
export function mattersToReplicas(object: Pod, previous: Pod): boolean {
  return (
    !deepEqual(object.metadata.labels, previous.metadata.labels) ||
    !deepEqual(object.metadata.ownerReferences, previous.metadata.ownerReferences) ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    object.status?.phase !== previous.status?.phase ||
    isReady(object) !== isReady(previous)
  );
}
