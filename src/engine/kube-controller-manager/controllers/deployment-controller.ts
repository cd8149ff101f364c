// Mirrors upstream's Deployment controller: rolling updates, recreation, pauses, proportional scaling, progress deadlines,
// revisions, their clean-up and the way back to one, adoption.
import { deployment } from '../../kinds/deployment.js';
import { pod } from '../../kinds/pod.js';
import { podsByOwner } from '../../kinds/pod-indexes.js';
import { replicaSet } from '../../kinds/replica-set.js';
import type { Deployment, ReplicaSet } from '../../machinery/api/apps-v1.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext } from '../controller.js';
import { conditionOf, countedStatus, hasDeadline, isComplete, rolloutStatus } from '../deployment/deployment-status.js';
import { DeploymentSync, type CreateFailures } from '../deployment/deployment-sync.js';
import { proportionalSizes } from '../deployment/proportional-scaling.js';
import {
  activeOf,
  allOf,
  availableOf,
  byAge,
  maxSurgeOf,
  maxUnavailableOf,
  replicasOf,
  sumOf,
  type ReplicaSets,
} from '../deployment/replica-sets.js';
import { countAnnotation, DESIRED_REPLICAS } from '../deployment/revisions.js';
import { rollbackRevision, rollBack } from '../deployment/rollback.js';
import { controllerOf } from '../owner-references.js';

export const deploymentController = defineController<Deployment, CreateFailures>({
  name: 'deployment-controller',
  primary: deployment,
  owns: [{ kind: replicaSet }],
  watches: [
    watching<ReplicaSet, CreateFailures>({ kind: replicaSet, map: deploymentsThatMightAdopt }),
    watching<Pod, CreateFailures>({ kind: pod, matters: () => false, map: recreatedDeployments }),
  ],
  newState: () => new Map(),

  reconcile(context, object) {
    if (object === undefined) {
      context.state.delete(context.key);
      return undefined;
    }
    const sync = new DeploymentSync(context, object);
    if (selectsEverything(object)) {
      refuse(sync);
      return;
    }
    const sets = sync.replicaSets();
    if (object.metadata.deletionTimestamp !== undefined) finishCounted(sync, sync.syncRevision(sets));
    else {
      tellOfPause(sync);
      const synced = sync.syncRevision(sets);
      const revision = rollbackRevision(object);
      if (object.spec.paused === true) rescale(sync, synced);
      else if (revision !== undefined) {
        goBack(sync, synced, revision);
        return undefined;
      } else if (isScaled(object, synced)) rescale(sync, synced);
      else if (object.spec.strategy?.type === 'Recreate') recreate(sync, synced);
      else roll(sync, synced);
    }
    return sync.finish();
  },
});

const selectsEverything = ({ spec: { selector } }: Deployment): boolean =>
  Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;

function refuse(sync: DeploymentSync): undefined {
  const { deployment: object, context } = sync;
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  context.recorder.record(object, 'Warning', 'SelectingAll', message);
  const { generation = 0 } = object.metadata;
  if ((object.status?.observedGeneration ?? 0) < generation) {
    sync.status = { ...object.status, observedGeneration: generation };
  }
  sync.finish();
  return undefined;
}

/** So that the time of a pause never counts against the deadline. */
function tellOfPause(sync: DeploymentSync): void {
  const { deployment: object } = sync;
  if (!hasDeadline(object)) return;
  const reason = conditionOf(object.status, 'Progressing')?.reason;
  if (reason === 'ProgressDeadlineExceeded') return;
  const isPaused = object.spec.paused === true;
  if (isPaused === (reason === 'DeploymentPaused')) return;
  if (isPaused) sync.setProgressing('Unknown', 'DeploymentPaused', 'Deployment is paused');
  else sync.setProgressing('Unknown', 'DeploymentResumed', 'Deployment is resumed');
}

/** The rest of the pass is left to the next one, which the change brings about. */
function goBack(sync: DeploymentSync, sets: ReplicaSets, revision: number): void {
  rollBack(
    sync,
    sets.fresh === undefined ? sync.createReplicaSet(sets, freshSize(sync.deployment, sets)) : sets,
    revision,
  );
}

const isScaled = (object: Deployment, sets: ReplicaSets): boolean =>
  activeOf(allOf(sets)).some((set) => {
    const desired = countAnnotation(set, DESIRED_REPLICAS);
    return desired !== undefined && desired !== replicasOf(object);
  });

function finishCounted(sync: DeploymentSync, sets: ReplicaSets): void {
  sync.status = countedStatus(sync.deployment, sets, sync.context.simulation.now);
}

function finishRollout(sync: DeploymentSync, sets: ReplicaSets): void {
  sync.status = rolloutStatus(sync.deployment, sets, sync.context.simulation.now);
}

/** The Deployment was scaled, or is paused: sizes follow, its rollout does not go on. */
function rescale(sync: DeploymentSync, sets: ReplicaSets): void {
  const scaled = sized(sync, sets);
  const isPaused = sync.deployment.spec.paused === true;
  if (isPaused && rollbackRevision(sync.deployment) === undefined) sync.cleanUp(scaled.old);
  finishCounted(sync, scaled);
}

function sized(sync: DeploymentSync, sets: ReplicaSets): ReplicaSets {
  const wanted = replicasOf(sync.deployment);
  const active = activeOf(allOf(sets));
  if (active.length <= 1) {
    const only = active[0] ?? sets.fresh ?? sets.old.toSorted(byAge).at(-1);
    return only === undefined || replicasOf(only) === wanted ? sets : resized(sync, sets, [[only, wanted]]);
  }
  if (isSaturated(sync.deployment, sets.fresh)) {
    return resized(
      sync,
      sets,
      activeOf(sets.old).map((set) => [set, 0]),
    );
  }
  if (sync.deployment.spec.strategy?.type === 'Recreate') return sets;
  return resized(sync, sets, proportionalSizes(sync.deployment, active));
}

function isSaturated(object: Deployment, fresh: ReplicaSet | undefined): boolean {
  if (fresh === undefined) return false;
  const wanted = replicasOf(object);
  return (
    replicasOf(fresh) === wanted && countAnnotation(fresh, DESIRED_REPLICAS) === wanted && availableOf(fresh) === wanted
  );
}

function resized(
  sync: DeploymentSync,
  { fresh, old }: ReplicaSets,
  sizes: readonly (readonly [set: ReplicaSet, size: number])[],
): ReplicaSets {
  const results = new Map(sizes.map(([set, size]) => [set, sync.scale(set, size)]));
  return {
    fresh: fresh === undefined ? undefined : (results.get(fresh) ?? fresh),
    old: old.map((set) => results.get(set) ?? set),
  };
}

/** One step of a rolling update: up if the surge allows it, else down as far as enough pods stay available. */
function roll(sync: DeploymentSync, found: ReplicaSets): void {
  const sets = found.fresh === undefined ? sync.createReplicaSet(found, freshSize(sync.deployment, found)) : found;
  const { fresh } = sets;
  if (fresh === undefined) return finishRollout(sync, sets);
  const wanted = replicasOf(sync.deployment);
  const size = replicasOf(fresh) > wanted ? wanted : freshSize(sync.deployment, sets);
  if (size !== replicasOf(fresh)) return finishRollout(sync, resized(sync, sets, [[fresh, size]]));
  const shrunk = shrinkOld(sync, sets, fresh);
  if (shrunk !== undefined) return finishRollout(sync, shrunk);
  if (isComplete(sync.deployment, sync.deployment.status ?? {})) sync.cleanUp(sets.old);
  finishRollout(sync, sets);
}

/** How large the set of the present template may be now. */
function freshSize(object: Deployment, sets: ReplicaSets): number {
  const wanted = replicasOf(object);
  if (object.spec.strategy?.type === 'Recreate') return wanted;
  const size = sets.fresh === undefined ? 0 : replicasOf(sets.fresh);
  const room = wanted + maxSurgeOf(object) - sumOf(allOf(sets), replicasOf);
  return room <= 0 ? size : size + Math.min(room, wanted - size);
}

/** Unhealthy old pods first, then healthy ones beyond those that must stay available; `undefined` if none could go. */
function shrinkOld(sync: DeploymentSync, sets: ReplicaSets, fresh: ReplicaSet): ReplicaSets | undefined {
  const active = activeOf(sets.old);
  if (active.length === 0) return undefined;
  const minAvailable = replicasOf(sync.deployment) - maxUnavailableOf(sync.deployment);
  const freshUnavailable = replicasOf(fresh) - availableOf(fresh);
  const most = sumOf(allOf(sets), replicasOf) - minAvailable - freshUnavailable;
  if (most <= 0) return undefined;
  const unhealthy = spread(active, most, (set) => replicasOf(set) - availableOf(set));
  const cleaned = resized(sync, sets, unhealthy);
  const rest = activeOf(cleaned.old);
  const surplus = sumOf([...rest, fresh], availableOf) - minAvailable;
  const healthy = spread(rest, surplus, replicasOf);
  if (unhealthy.length === 0 && healthy.length === 0) return undefined;
  return resized(sync, cleaned, healthy);
}

/** New sizes where `count` pods go, of the first sets as many as `available` says. */
function spread(
  sets: readonly ReplicaSet[],
  count: number,
  available: (set: ReplicaSet) => number,
): readonly (readonly [set: ReplicaSet, size: number])[] {
  const sizes: [ReplicaSet, number][] = [];
  let left = count;
  for (const set of sets) {
    const taken = Math.min(left, available(set));
    if (taken <= 0) continue;
    sizes.push([set, replicasOf(set) - taken]);
    left -= taken;
  }
  return sizes;
}

/** First all old pods go, then the new ones come. */
function recreate(sync: DeploymentSync, found: ReplicaSets): void {
  const active = activeOf(found.old);
  if (active.length > 0) {
    const sizes = active.map((set): [ReplicaSet, number] => [set, 0]);
    return finishRollout(sync, resized(sync, found, sizes));
  }
  if (oldPodsRun(sync, found)) return finishRollout(sync, found);
  const wanted = replicasOf(sync.deployment);
  const sets = found.fresh === undefined ? sync.createReplicaSet(found, wanted) : found;
  if (sets.fresh === undefined) return finishRollout(sync, sets);
  const scaled = replicasOf(sets.fresh) === wanted ? sets : resized(sync, sets, [[sets.fresh, wanted]]);
  if (isComplete(sync.deployment, sync.deployment.status ?? {})) sync.cleanUp(scaled.old);
  finishRollout(sync, scaled);
}

function oldPodsRun({ context: { client } }: DeploymentSync, { old }: ReplicaSets): boolean {
  return old.some(
    (set) =>
      (set.status?.replicas ?? 0) > 0 ||
      client
        .indexed(pod, podsByOwner, set.metadata.uid ?? '')
        .some(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded'),
  );
}

function deploymentsThatMightAdopt(set: ReplicaSet, { client }: MapContext<CreateFailures>): readonly string[] {
  if (controllerOf(set) !== undefined || set.metadata.deletionTimestamp !== undefined) return [];
  return client
    .list(deployment, set.metadata.namespace)
    .filter(({ spec }) => matches(fromLabelSelector(spec.selector), set.metadata.labels))
    .map(keyOf);
}

/** A Deployment that recreates waits for its last old pod to be gone. */
function recreatedDeployments(
  gone: Pod,
  { client }: MapContext<CreateFailures>,
  type: 'added' | 'modified' | 'deleted',
): readonly string[] {
  const owner = type === 'deleted' ? controllerOf(gone) : undefined;
  if (owner?.kind !== 'ReplicaSet') return [];
  const namespace = gone.metadata.namespace ?? '';
  const set = client.get(replicaSet, `${namespace}/${owner.name}`);
  const parent = set === undefined ? undefined : controllerOf(set);
  if (parent?.kind !== 'Deployment') return [];
  const found = client.get(deployment, `${namespace}/${parent.name}`);
  return found?.spec.strategy?.type === 'Recreate' ? [keyOf(found)] : [];
}
