import { parseTimestamp, timestamp, type Instant } from '../../kernel/clock.js';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../machinery/api/apps-v1.js';
import { allOf, availableOf, maxUnavailableOf, replicasOf, sumOf, type ReplicaSets } from './replica-sets.js';

/** A deadline so large means none. */
const NO_DEADLINE_SECONDS = 2_147_483_647;

export type Reason =
  | 'DeploymentPaused'
  | 'DeploymentResumed'
  | 'FoundNewReplicaSet'
  | 'MinimumReplicasAvailable'
  | 'MinimumReplicasUnavailable'
  | 'NewReplicaSetAvailable'
  | 'NewReplicaSetCreated'
  | 'ProgressDeadlineExceeded'
  | 'ReplicaSetCreateError'
  | 'ReplicaSetUpdated';

export const conditionOf = (status: DeploymentStatus | undefined, type: string): DeploymentCondition | undefined =>
  status?.conditions?.find((each) => each.type === type);

export function newCondition(
  type: 'Available' | 'Progressing',
  status: 'True' | 'False' | 'Unknown',
  [reason, message]: readonly [reason: Reason, message: string],
  now: Instant,
): DeploymentCondition {
  const time = timestamp(now);
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
}

/** As upstream: one with the same status and reason stays as it is, and another goes to the end. */
export function withCondition(status: DeploymentStatus, condition: DeploymentCondition): DeploymentStatus {
  const current = conditionOf(status, condition.type);
  if (current?.status === condition.status && current.reason === condition.reason) return status;
  const lastTransitionTime =
    current?.status === condition.status ? current.lastTransitionTime : condition.lastTransitionTime;
  const others = withoutCondition(status, condition.type).conditions ?? [];
  const next = lastTransitionTime === undefined ? condition : { ...condition, lastTransitionTime };
  return { ...status, conditions: [...others, next] };
}

export function withoutCondition(status: DeploymentStatus, type: string): DeploymentStatus {
  if (conditionOf(status, type) === undefined) return status;
  const { conditions = [], ...rest } = status;
  const others = conditions.filter((each) => each.type !== type);
  return others.length === 0 ? rest : { ...rest, conditions: others };
}

export const hasDeadline = ({ spec }: Deployment): boolean =>
  spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE_SECONDS;

/** Upstream's `calculateStatus`: the counts, and whether enough pods are available. */
export function countedStatus(deployment: Deployment, sets: ReplicaSets, now: Instant): DeploymentStatus {
  const all = allOf(sets);
  const available = sumOf(all, availableOf);
  const { collisionCount, conditions } = deployment.status ?? {};
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sumOf(all, ({ status }) => status?.replicas ?? 0),
    updatedReplicas: sets.fresh?.status?.replicas ?? 0,
    readyReplicas: sumOf(all, ({ status }) => status?.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(sumOf(all, replicasOf) - available, 0),
  };
  const status: DeploymentStatus = {
    ...withoutZeros(counts),
    ...terminatingCount(all),
    ...(conditions === undefined ? {} : { conditions }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
  const isAvailable = available >= replicasOf(deployment) - maxUnavailableOf(deployment);
  return withCondition(status, availability(isAvailable, now));
}

const availability = (isAvailable: boolean, now: Instant): DeploymentCondition =>
  isAvailable
    ? newCondition('Available', 'True', ['MinimumReplicasAvailable', 'Deployment has minimum availability.'], now)
    : newCondition(
        'Available',
        'False',
        ['MinimumReplicasUnavailable', 'Deployment does not have minimum availability.'],
        now,
      );

/** Told only if every set that its controller has seen tells it. */
function terminatingCount(all: readonly ReplicaSet[]): Pick<DeploymentStatus, 'terminatingReplicas'> {
  let count = 0;
  for (const { status } of all) {
    if (status?.terminatingReplicas !== undefined) count += status.terminatingReplicas;
    else if ((status?.observedGeneration ?? 0) !== 0) return {};
  }
  return { terminatingReplicas: count };
}

export function withoutZeros<T extends object>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0)) as Partial<T>;
}

export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const wanted = replicasOf(deployment);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status;
  return (
    updatedReplicas === wanted &&
    replicas === wanted &&
    availableReplicas === wanted &&
    observedGeneration >= (deployment.metadata.generation ?? 0)
  );
}

/** The status at the end of a pass of a rollout: counts, progress against its deadline, and what its sets failed at. */
export function rolloutStatus(deployment: Deployment, sets: ReplicaSets, now: Instant): DeploymentStatus {
  const counted = countedStatus(deployment, sets, now);
  const status = hasDeadline(deployment)
    ? withProgress(deployment, counted, sets.fresh, now)
    : withoutCondition(counted, 'Progressing');
  const failure = replicaFailure(sets);
  return failure === undefined ? withoutCondition(status, 'ReplicaFailure') : withCondition(status, failure);
}

function withProgress(
  deployment: Deployment,
  status: DeploymentStatus,
  fresh: ReplicaSet | undefined,
  now: Instant,
): DeploymentStatus {
  const current = conditionOf(deployment.status, 'Progressing');
  const isDone =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === 'NewReplicaSetAvailable';
  if (isDone) return status;
  const about =
    fresh === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${fresh.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const message = `${about} has successfully progressed.`;
    return withCondition(status, newCondition('Progressing', 'True', ['NewReplicaSetAvailable', message], now));
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    const message = `${about} is progressing.`;
    const condition = newCondition('Progressing', 'True', ['ReplicaSetUpdated', message], now);
    const since = current?.status === 'True' ? current.lastTransitionTime : undefined;
    const updated = since === undefined ? condition : { ...condition, lastTransitionTime: since };
    return withCondition(withoutCondition(status, 'Progressing'), updated);
  }
  if (isTimedOut(deployment, status, now)) {
    const message = `${about} has timed out progressing.`;
    return withCondition(status, newCondition('Progressing', 'False', ['ProgressDeadlineExceeded', message], now));
  }
  return status;
}

function hasProgressed(former: DeploymentStatus, status: DeploymentStatus): boolean {
  const oldPods = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas;
  return (
    (status.updatedReplicas ?? 0) > (former.updatedReplicas ?? 0) ||
    oldPods(status) < oldPods(former) ||
    (status.readyReplicas ?? 0) > (former.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (former.availableReplicas ?? 0)
  );
}

function isTimedOut({ spec }: Deployment, status: DeploymentStatus, now: Instant): boolean {
  const condition = conditionOf(status, 'Progressing');
  if (condition === undefined || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  const from = parseTimestamp(condition.lastUpdateTime ?? '') ?? 0;
  return from + (spec.progressDeadlineSeconds ?? 0) * 1_000 < now;
}

/** The failure of the set of the present template, or else of any other. */
function replicaFailure(sets: ReplicaSets): DeploymentCondition | undefined {
  const candidates = sets.fresh === undefined ? sets.old : [sets.fresh, ...sets.old];
  for (const { status } of candidates) {
    const found = status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
    if (found === undefined) continue;
    const { lastTransitionTime = null } = found;
    return { ...found, lastUpdateTime: lastTransitionTime, lastTransitionTime };
  }
  return undefined;
}
