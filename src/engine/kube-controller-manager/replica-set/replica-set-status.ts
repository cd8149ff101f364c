import { timestamp, type Instant } from '../../kernel/clock.js';
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '../../machinery/api/apps-v1.js';
import type { Pod } from '../../machinery/api/core-v1.js';
import { isAvailable, isReady } from '../pods.js';

export interface ReplicaSetPods {
  readonly active: readonly Pod[];
  readonly terminating: readonly Pod[];
}

/** Why the last pass did not reach the wanted number. */
export interface ReplicaFailure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly message: string;
}

/** Upstream's `calculateStatus`; fields that are zero are left out, as on the wire. */
export function replicaSetStatus(
  set: Pick<ReplicaSet, 'metadata'> & {
    readonly spec: Omit<ReplicaSet['spec'], 'selector'>;
    readonly status?: { readonly conditions?: readonly ReplicaSetCondition[] };
  },
  { active, terminating }: ReplicaSetPods,
  failure: ReplicaFailure | undefined,
  now: Instant,
): ReplicaSetStatus {
  const labels = Object.entries(set.spec.template?.metadata?.labels ?? {});
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  for (const pod of active) {
    if (labels.every(([key, value]) => pod.metadata.labels?.[key] === value)) fullyLabeled++;
    if (!isReady(pod)) continue;
    ready++;
    if (isAvailable(pod, minReadySeconds, now)) available++;
  }
  const conditions = withFailure(set.status?.conditions ?? [], failure, now);
  return {
    replicas: active.length,
    ...(fullyLabeled === 0 ? {} : { fullyLabeledReplicas: fullyLabeled }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    terminatingReplicas: terminating.length,
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** A failure that is told already keeps its first words. */
function withFailure(
  conditions: readonly ReplicaSetCondition[],
  failure: ReplicaFailure | undefined,
  now: Instant,
): readonly ReplicaSetCondition[] {
  const isTold = conditions.some(({ type }) => type === 'ReplicaFailure');
  if (failure === undefined) return isTold ? conditions.filter(({ type }) => type !== 'ReplicaFailure') : conditions;
  if (isTold) return conditions;
  return [...conditions, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: timestamp(now), ...failure }];
}
