import { pod } from '../../kinds/pod.js';
import type { Instant } from '../../kernel/clock.js';
import type { ControllerRevision, StatefulSet, StatefulSetStatus } from '../../machinery/api/apps-v1.js';
import type { Pod, PodTemplateSpec } from '../../machinery/api/core-v1.js';
import { scaledCount } from '../../machinery/int-or-string.js';
import { keyOf } from '../../machinery/object.js';
import type { StatusError } from '../../machinery/status-error.js';
import type { ReconcileContext } from '../controller.js';
import { templateOf } from '../history/controller-revisions.js';
import { isAvailable, isReady } from '../pods.js';
import { isAlreadyThere, isGone } from '../status-errors.js';
import { ensureClaims, hasStaleClaim, retainClaims, type Place } from './claims.js';
import {
  claimNameOf,
  identityLabels,
  isInRange,
  ordinalIn,
  podNameOf,
  podOf,
  POD_NAME_LABEL,
  replicasOf,
  REVISION_LABEL,
  startOf,
} from './identity.js';

export interface SetRevisions {
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
}

/** How many pods may be made or deleted at once in a set that does not wait for each. */
const BURST_MAX = 500;

/** One pass over a StatefulSet: first every pod that is to be, in order, then those that are too many, then the update. */
export class SetSync {
  readonly #context: ReconcileContext<undefined>;
  readonly #set: StatefulSet;
  readonly #revisions: SetRevisions;
  readonly #pods: readonly Pod[];
  readonly #places: readonly Place[];
  readonly #condemned: readonly Place[];
  #hasFailed = false;
  #updating = 0;

  constructor(context: ReconcileContext<undefined>, set: StatefulSet, revisions: SetRevisions, pods: readonly Pod[]) {
    this.#context = context;
    this.#set = set;
    this.#revisions = revisions;
    this.#pods = pods;
    const byOrdinal = new Map(pods.map((each) => [ordinalIn(set, each.metadata.name) ?? -1, each]));
    this.#places = Array.from({ length: replicasOf(set) }, (_, index) => {
      const ordinal = startOf(set) + index;
      return { set, ordinal, pod: byOrdinal.get(ordinal) };
    });
    this.#condemned = [...byOrdinal]
      .filter(([ordinal]) => ordinal >= 0 && !isInRange(set, ordinal))
      .toSorted(([a], [b]) => b - a)
      .map(([ordinal, object]) => ({ set, ordinal, pod: object }));
  }

  /** Does what can be done now. Returns the status as it is after that. */
  run(): StatefulSetStatus {
    if (this.#set.metadata.deletionTimestamp === undefined && this.#establish()) this.#update();
    return this.#status();
  }

  /** Whether all pods are as they should be, their template aside. */
  #establish(): boolean {
    if (!this.#forAll(this.#places, (place) => this.#keep(place))) return false;
    for (const place of this.#condemned) retainClaims(this.#context, place);
    const firstUnhealthy = [...this.#places, ...this.#condemned.toReversed()].find((place) =>
      this.#isUnavailable(place),
    );
    return this.#forAll(this.#condemned, (place) => this.#remove(place, firstUnhealthy));
  }

  /** In order, one that has to wait holds the others up; at once, in batches that double until one fails. */
  #forAll(places: readonly Place[], act: (place: Place) => 'done' | 'waits'): boolean {
    if (this.#isOrdered) return places.every((place) => act(place) === 'done' && !this.#hasFailed);
    let next = 0;
    for (let batch = 1; next < places.length && !this.#hasFailed; batch = Math.min(2 * batch, BURST_MAX)) {
      for (const place of places.slice(next, next + batch)) act(place);
      next += batch;
    }
    return !this.#hasFailed;
  }

  get #isOrdered(): boolean {
    return this.#set.spec.podManagementPolicy !== 'Parallel';
  }

  get #now(): Instant {
    return this.#context.simulation.now;
  }

  #keep(place: Place): 'done' | 'waits' {
    const { pod: object } = place;
    if (object === undefined) {
      this.#create(place);
      return this.#isOrdered ? 'waits' : 'done';
    }
    if (object.status?.phase === 'Failed' || object.status?.phase === 'Succeeded') {
      if (object.metadata.deletionTimestamp === undefined) this.#delete(object);
      return 'waits';
    }
    if (object.status?.phase === 'Pending') this.#complete(place);
    if (this.#isOrdered && (object.metadata.deletionTimestamp !== undefined || !this.#isAvailable(object)))
      return 'waits';
    retainClaims(this.#context, place);
    this.#correct(place, object);
    return 'done';
  }

  #create(place: Place): void {
    const { context, set } = { context: this.#context, set: this.#set };
    if (context.outstanding > 0 || hasStaleClaim(context, place)) return;
    const failed = (message: string): void => {
      this.#tell('Create', podNameOf(set, place.ordinal), message);
      this.#retry();
    };
    const create = (): void => {
      const { revision, template } = this.#versionFor(place.ordinal);
      const made = podOf(set, template, revision, place.ordinal);
      context.create(pod, set.metadata.namespace, made, ({ object, error }) => {
        if (error !== undefined && isAlreadyThere(error)) return this.#fail(error);
        if (error !== undefined) {
          this.#tell('Create', podNameOf(set, place.ordinal), error.message);
          return this.#fail(error);
        }
        retainClaims(context, { ...place, pod: object });
        this.#tell('Create', object.metadata.name);
      });
    };
    ensureClaims(context, place, create, failed);
  }

  /** A pod that waits may wait for a claim that somebody deleted. */
  #complete(place: Place): void {
    const retain = (): void => retainClaims(this.#context, place);
    ensureClaims(this.#context, place, retain, () => this.#retry());
  }

  #retry(): void {
    this.#hasFailed = true;
    this.#context.retry();
  }

  #fail(error: StatusError): void {
    this.#hasFailed = true;
    this.#context.fail(error);
  }

  /** Pods below the partition, and of a roll-out that has not begun to move, have the former template. */
  #versionFor(ordinal: number): { readonly revision: string; readonly template: PodTemplateSpec } {
    const { spec, status } = this.#set;
    const { current, update } = this.#revisions;
    const { rollingUpdate } = spec.updateStrategy ?? {};
    const isRolling = (spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
    const kept =
      rollingUpdate === undefined ? (isRolling ? (status?.currentReplicas ?? 0) : 0) : (rollingUpdate.partition ?? 0);
    const revision = ordinal < startOf(this.#set) + kept ? current : update;
    return { revision: revision.metadata.name, template: templateOf(revision) ?? spec.template };
  }

  /** A pod whose identity was changed gets it back. */
  #correct({ ordinal }: Place, object: Pod): void {
    const { name, labels } = object.metadata;
    if (labels?.[POD_NAME_LABEL] === name && this.#hasItsClaims(object, ordinal)) return;
    const patch = { metadata: { uid: object.metadata.uid, labels: identityLabels(name, ordinal) } };
    this.#context.client.patch(pod, keyOf(object), patch, ({ error }) => {
      this.#tell('Update', name, error?.message);
      if (error !== undefined) this.#fail(error);
    });
  }

  #hasItsClaims({ spec }: Pod, ordinal: number): boolean {
    return (this.#set.spec.volumeClaimTemplates ?? []).every((template) =>
      spec.volumes?.some(
        ({ name, persistentVolumeClaim: source }) =>
          name === template.metadata.name && source?.claimName === claimNameOf(this.#set, template, ordinal),
      ),
    );
  }

  #remove(place: Place, firstUnhealthy: Place | undefined): 'done' | 'waits' {
    const { pod: object } = place;
    if (object === undefined) return 'done';
    if (object.metadata.deletionTimestamp !== undefined) return this.#isOrdered ? 'waits' : 'done';
    if (this.#isOrdered && !this.#isAvailable(object) && place !== firstUnhealthy) return 'waits';
    this.#delete(object);
    return 'waits';
  }

  /** Pods with another template go, the last first, as many at once as may be unavailable. */
  #update(): void {
    const { updateStrategy } = this.#set.spec;
    if (updateStrategy?.type === 'OnDelete') return;
    const { partition = 0, maxUnavailable = 1 } = updateStrategy?.rollingUpdate ?? {};
    const allowed = Math.max(scaledCount(maxUnavailable, this.#places.length, 'down').count ?? 1, 1);
    let left = allowed - this.#places.filter((place) => this.#isUnavailable(place)).length;
    for (let index = this.#places.length - 1; index >= partition && left > 0; index--) {
      const object = this.#places[index]?.pod;
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) continue;
      if (revisionOf(object) === this.#revisions.update.metadata.name) continue;
      this.#delete(object);
      left--;
      if (revisionOf(object) === this.#revisions.current.metadata.name) this.#updating++;
    }
  }

  #delete(object: Pod): void {
    this.#context.client.delete(pod, object, {}, ({ error }) => {
      if (error !== undefined && isGone(error)) return;
      this.#tell('Delete', object.metadata.name, error?.message);
      if (error !== undefined) this.#fail(error);
    });
  }

  #tell(verb: 'Create' | 'Delete' | 'Update', podName: string, failure?: string): void {
    const words = `${verb} Pod ${podName} in StatefulSet ${this.#set.metadata.name}`;
    const { recorder } = this.#context;
    if (failure === undefined) recorder.record(this.#set, 'Normal', `Successful${verb}`, `${words} successful`);
    else recorder.record(this.#set, 'Warning', `Failed${verb}`, `${words} failed error: ${failure}`);
  }

  #isAvailable(object: Pod): boolean {
    return isAvailable(object, this.#set.spec.minReadySeconds ?? 0, this.#now) && object.status?.phase === 'Running';
  }

  #isUnavailable({ pod: object }: Place): boolean {
    return object === undefined || object.metadata.deletionTimestamp !== undefined || !this.#isAvailable(object);
  }

  #status(): StatefulSetStatus {
    const { current, update } = this.#revisions;
    const { minReadySeconds = 0 } = this.#set.spec;
    const pods = this.#pods;
    const ready = pods.filter((each) => each.status?.phase === 'Running' && isReady(each));
    const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const withRevision = (name: string): number => living.filter((each) => revisionOf(each) === name).length;
    const counts = {
      replicas: pods.length,
      readyReplicas: ready.length,
      currentReplicas: Math.max(withRevision(current.metadata.name) - this.#updating, 0),
      updatedReplicas: withRevision(update.metadata.name),
    };
    const wanted = replicasOf(this.#set);
    const isComplete =
      (this.#set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate' &&
      counts.updatedReplicas === wanted &&
      counts.readyReplicas === wanted &&
      counts.replicas === wanted;
    const currentReplicas = isComplete ? counts.updatedReplicas : counts.currentReplicas;
    const { generation, collisionCount = 0 } = { ...this.#set.metadata, ...this.#set.status };
    return {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      replicas: counts.replicas,
      ...(counts.readyReplicas === 0 ? {} : { readyReplicas: counts.readyReplicas }),
      ...(currentReplicas === 0 ? {} : { currentReplicas }),
      ...(counts.updatedReplicas === 0 ? {} : { updatedReplicas: counts.updatedReplicas }),
      currentRevision: (isComplete ? update : current).metadata.name,
      updateRevision: update.metadata.name,
      collisionCount,
      availableReplicas: ready.filter((each) => isAvailable(each, minReadySeconds, this.#now)).length,
    };
  }
}

const revisionOf = ({ metadata }: Pod): string | undefined => metadata.labels?.[REVISION_LABEL];
