import { seconds, milliseconds, parseTimestamp, type Duration } from '../../kernel/clock.js';
import { deployment as deploymentKind } from '../../kinds/deployment.js';
import { replicaSet } from '../../kinds/replica-set.js';
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../machinery/api/apps-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { keyOf } from '../../machinery/object.js';
import type { NewObject } from '../../machinery/resource-api.port.js';
import type { StatusError } from '../../machinery/status-error.js';
import type { ReconcileContext } from '../controller.js';
import {
  adoptionPatch,
  replicaSetsByOwner,
  controllerReference,
  isControlledBy,
  orphanReplicaSets,
  releasePatch,
} from '../owner-references.js';
import { isAlreadyThere, isGone, isNamespaceTerminating } from '../status-errors.js';
import { without } from '../without.js';
import { conditionOf, hasDeadline, isComplete, newCondition, withCondition, type Reason } from './deployment-status.js';
import { hasTemplate, replicasOf, replicaSetsOf, TEMPLATE_HASH_LABEL, type ReplicaSets } from './replica-sets.js';
import {
  freshAnnotations,
  hasAnnotations,
  nextRevision,
  replicasAnnotations,
  REVISION,
  revisionOf,
  sameAnnotations,
} from './revisions.js';
import { templateHash } from './template-hash.js';

/** Why the ReplicaSet of the present template could not be made, by key of the Deployment. */
export type CreateFailures = Map<string, string>;
export type DeploymentContext = ReconcileContext<CreateFailures>;

const NAME_LENGTH_MAX = 253;

/**
 * One pass over one Deployment: what it finds and what it writes. All changes of its own status are gathered and written once.
 * Its ReplicaSets are read again after each write, for the next step goes on from there.
 */
export class DeploymentSync {
  readonly context: DeploymentContext;
  readonly #stored: Deployment;
  #current: Deployment;
  #isFinished = false;

  constructor(context: DeploymentContext, deployment: Deployment) {
    this.context = context;
    this.#stored = deployment;
    this.#current = deployment;
  }

  /** The Deployment as this pass has made it, its status included. */
  get deployment(): Deployment {
    return this.#current;
  }

  set status(status: DeploymentStatus) {
    this.#current = { ...this.#current, status };
  }

  /** Its ReplicaSets, adopted and released by label. */
  replicaSets(): ReplicaSets {
    return replicaSetsOf(this.#current, this.#claim());
  }

  setProgressing(status: 'True' | 'False' | 'Unknown', reason: Reason, message: string): void {
    const condition = newCondition('Progressing', status, [reason, message], this.context.simulation.now);
    this.status = withCondition(this.#current.status ?? {}, condition);
  }

  /** Brings the set of the present template up to date: its annotations, and the revision of the Deployment. */
  syncRevision(sets: ReplicaSets): ReplicaSets {
    const { client } = this.context;
    const { fresh, old } = sets;
    if (fresh === undefined) return sets;
    const annotations = freshAnnotations(this.#current, fresh, nextRevision(old));
    const { minReadySeconds: wanted = 0 } = this.#current.spec;
    if (!sameAnnotations(fresh, annotations) || (fresh.spec.minReadySeconds ?? 0) !== wanted) {
      const spec = without(fresh.spec, 'minReadySeconds');
      client.update(replicaSet, {
        ...fresh,
        metadata: { ...fresh.metadata, annotations },
        spec: wanted === 0 ? spec : { ...spec, minReadySeconds: wanted },
      });
    }
    const latest = client.get(replicaSet, keyOf(fresh)) ?? fresh;
    this.#setRevision(revisionOf(latest));
    if (hasDeadline(this.#current) && conditionOf(this.#current.status, 'Progressing') === undefined) {
      this.setProgressing('True', 'FoundNewReplicaSet', `Found new replica set "${latest.metadata.name}"`);
    }
    return { fresh: latest, old };
  }

  /** Makes the set of the present template. Without it in the answer, it failed or has not been admitted yet. */
  createReplicaSet({ old }: ReplicaSets, replicas: number): ReplicaSets {
    const { context } = this;
    if (context.outstanding > 0) return { fresh: undefined, old };
    const revision = nextRevision(old);
    const set = this.#newReplicaSet(replicas, revision);
    const name = set.metadata.name ?? '';
    context.create(replicaSet, this.#current.metadata.namespace, set, ({ error }) => {
      if (error !== undefined) return this.#createFailed(name, error);
      context.state.delete(context.key);
      if (replicas > 0)
        this.#record('Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${replicas}`);
    });
    const created = context.client.get(replicaSet, `${this.#current.metadata.namespace ?? ''}/${name}`);
    if (created === undefined || !this.#isOwn(created)) {
      const message = context.state.get(context.key);
      if (message !== undefined && hasDeadline(this.#current))
        this.setProgressing('False', 'ReplicaSetCreateError', message);
      return { fresh: undefined, old };
    }
    this.#setRevision(revision);
    if (hasDeadline(this.#current))
      this.setProgressing('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`);
    return { fresh: created, old };
  }

  /** The set afterwards. Its annotations say for how many pods it was made so large. */
  scale(set: ReplicaSet, size: number): ReplicaSet {
    const { client } = this.context;
    const before = replicasOf(set);
    const annotations = replicasAnnotations(this.#current);
    if (before === size && hasAnnotations(set, annotations)) return set;
    const scaled: ReplicaSet = {
      ...set,
      metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, ...annotations } },
      spec: { ...set.spec, replicas: size },
    };
    const { name } = set.metadata;
    client.update(replicaSet, scaled, ({ error }) => {
      if (error !== undefined) return this.context.fail(error);
      if (before === size) return;
      const direction = before < size ? 'up' : 'down';
      this.#record('Normal', 'ScalingReplicaSet', `Scaled ${direction} replica set ${name} from ${before} to ${size}`);
    });
    return client.get(replicaSet, keyOf(set)) ?? set;
  }

  /** Forgets the oldest revisions beyond the limit, those that still have pods excepted. */
  cleanUp(old: readonly ReplicaSet[]): void {
    const { revisionHistoryLimit } = this.#current.spec;
    if (revisionHistoryLimit === undefined || revisionHistoryLimit === 2_147_483_647) return;
    const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const surplus = alive.length - revisionHistoryLimit;
    if (surplus <= 0) return;
    const oldest = alive.toSorted((a, b) => revisionOf(a) - revisionOf(b)).slice(0, surplus);
    for (const set of oldest) {
      const { status, metadata } = set;
      const isSeen = (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);
      if (!isSeen || replicasOf(set) !== 0 || (status?.replicas ?? 0) !== 0) continue;
      this.context.client.delete(replicaSet, set, {}, this.#unlessGone);
    }
  }

  /** Writes the status once, if it has changed. Returns when to look whether the deadline has passed. */
  finish(): Duration | undefined {
    const { client } = this.context;
    this.#isFinished = true;
    const isSame =
      deepEqual(this.#stored.status ?? {}, this.#current.status ?? {}) &&
      this.#stored.metadata.annotations?.[REVISION] === this.#current.metadata.annotations?.[REVISION];
    if (isSame) return this.#untilDeadline();
    client.updateStatus(deploymentKind, this.#current);
    return undefined;
  }

  /** A second after the deadline, while there is anything to wait for. */
  #untilDeadline(): Duration | undefined {
    const { status = {}, spec } = this.#current;
    const condition = conditionOf(status, 'Progressing');
    if (!hasDeadline(this.#current) || condition === undefined || spec.paused === true) return undefined;
    if (isComplete(this.#current, status) || condition.reason === 'ProgressDeadlineExceeded') return undefined;
    const from = parseTimestamp(condition.lastUpdateTime ?? '') ?? 0;
    const wait = from + seconds(spec.progressDeadlineSeconds ?? 0) - this.context.simulation.now;
    return milliseconds(Math.max(wait, 0) + seconds(1));
  }

  #claim(): readonly ReplicaSet[] {
    const { client } = this.context;
    const deployment = this.#current;
    const selector = fromLabelSelector(deployment.spec.selector);
    const uid = deployment.metadata.uid ?? '';
    const isDeleting = deployment.metadata.deletionTimestamp !== undefined;
    const claimed: ReplicaSet[] = [];
    for (const set of client.indexed(replicaSet, replicaSetsByOwner, uid)) {
      if (matches(selector, set.metadata.labels)) claimed.push(set);
      else if (!isDeleting) client.patch(replicaSet, keyOf(set), releasePatch(set, new Set([uid])), this.#unlessGone);
    }
    if (isDeleting) return claimed;
    for (const set of client.indexed(replicaSet, orphanReplicaSets, deployment.metadata.namespace ?? '')) {
      if (set.metadata.deletionTimestamp !== undefined || !matches(selector, set.metadata.labels)) continue;
      const reference = controllerReference(deploymentKind, deployment);
      client.patch(replicaSet, keyOf(set), adoptionPatch(set, reference), this.#unlessGone);
      const adopted = client.get(replicaSet, keyOf(set));
      if (adopted !== undefined && isControlledBy(adopted, deployment)) claimed.push(adopted);
    }
    return claimed;
  }

  readonly #unlessGone = ({ error }: { readonly error?: StatusError }): void => {
    if (error !== undefined && !isGone(error)) this.context.fail(error);
  };

  #newReplicaSet(replicas: number, revision: number): NewObject<ReplicaSet> {
    const { metadata, spec, status } = this.#current;
    const hash = templateHash(spec.template, status?.collisionCount);
    const labels = { ...spec.template.metadata?.labels, [TEMPLATE_HASH_LABEL]: hash };
    const { template, selector, minReadySeconds = 0 } = spec;
    return {
      metadata: {
        name: `${metadata.name.slice(0, NAME_LENGTH_MAX - 1 - hash.length)}-${hash}`,
        labels,
        annotations: freshAnnotations(this.#current, undefined, revision),
        ownerReferences: [controllerReference(deploymentKind, this.#current)],
      },
      spec: {
        replicas,
        ...(minReadySeconds === 0 ? {} : { minReadySeconds }),
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH_LABEL]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    };
  }

  #isOwn(set: ReplicaSet): boolean {
    return isControlledBy(set, this.#current) && hasTemplate(set.spec.template, this.#current.spec.template);
  }

  /** Another template's set has the name: the next try gets another hash. */
  #createFailed(name: string, error: StatusError): void {
    const { context } = this;
    const { metadata, status } = this.#current;
    context.fail(error);
    if (isAlreadyThere(error)) {
      const existing = context.client.get(replicaSet, `${metadata.namespace ?? ''}/${name}`);
      if (existing === undefined || this.#isOwn(existing)) return;
      const collisionCount = (status?.collisionCount ?? 0) + 1;
      if (this.#isFinished) context.client.patchStatus(deploymentKind, context.key, { status: { collisionCount } });
      else this.status = { ...status, collisionCount };
    } else if (!isNamespaceTerminating(error)) {
      const message = `Failed to create new replica set "${name}": ${error.message}`;
      context.state.set(context.key, message);
      this.#record('Warning', 'ReplicaSetCreateError', message);
    }
  }

  #setRevision(revision: number): void {
    const { metadata } = this.#current;
    if (revision === 0 || metadata.annotations?.[REVISION] === String(revision)) return;
    const annotations = { ...metadata.annotations, [REVISION]: String(revision) };
    this.#current = { ...this.#current, metadata: { ...metadata, annotations } };
  }

  #record(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.context.recorder.record(this.#stored, type, reason, message);
  }
}
