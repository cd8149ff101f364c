import { parseTimestamp } from '../../kernel/clock.js';
import type { Deployment, ReplicaSet } from '../../machinery/api/apps-v1.js';
import type { PodTemplateSpec } from '../../machinery/api/core-v1.js';
import type { IntOrString } from '../../machinery/api/runtime.js';
import { deepEqual } from '../../machinery/equality.js';
import { scaledCount } from '../../machinery/int-or-string.js';
import { without } from '../without.js';

export const TEMPLATE_HASH_LABEL = 'pod-template-hash';

/** The ReplicaSets of a Deployment: the one of its present template, and the others. */
export interface ReplicaSets {
  readonly fresh: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

export const allOf = ({ fresh, old }: ReplicaSets): readonly ReplicaSet[] =>
  fresh === undefined ? old : [...old, fresh];

export const replicasOf = ({ spec }: { readonly spec: { readonly replicas?: number } }): number => spec.replicas ?? 1;

export const activeOf = (sets: readonly ReplicaSet[]): readonly ReplicaSet[] =>
  sets.filter((each) => replicasOf(each) > 0);

export const sumOf = (sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number): number =>
  sets.reduce((sum, each) => sum + count(each), 0);

export const availableOf = ({ status }: ReplicaSet): number => status?.availableReplicas ?? 0;

/** The oldest set with the Deployment's template is its own, as upstream's `FindNewReplicaSet`. */
export function replicaSetsOf(deployment: Deployment, owned: readonly ReplicaSet[]): ReplicaSets {
  const sorted = owned.toSorted(byAge);
  const fresh = sorted.find(({ spec }) => hasTemplate(spec.template, deployment.spec.template));
  return { fresh, old: sorted.filter((each) => each !== fresh) };
}

/** Oldest first. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  return (
    createdAt(a) - createdAt(b) || (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0)
  );
}

const createdAt = ({ metadata }: ReplicaSet): number => parseTimestamp(metadata.creationTimestamp ?? '') ?? 0;

/** Whether the templates are the same but for the hash. */
export function hasTemplate(left: PodTemplateSpec | undefined, right: PodTemplateSpec): boolean {
  return deepEqual(left?.spec, right.spec) && deepEqual(metadataOf(left), metadataOf(right));
}

function metadataOf(template: PodTemplateSpec | undefined): unknown {
  const { labels, annotations, finalizers, name, generateName, namespace } = template?.metadata ?? {};
  const others = without(labels ?? {}, TEMPLATE_HASH_LABEL);
  return {
    labels: others,
    annotations: annotations ?? {},
    finalizers: finalizers ?? [],
    name,
    generateName,
    namespace,
  };
}

const isRolling = ({ spec }: Deployment): boolean => (spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';

export function maxSurgeOf(deployment: Deployment): number {
  return isRolling(deployment) ? fenceposts(deployment).surge : 0;
}

export function maxUnavailableOf(deployment: Deployment): number {
  const replicas = replicasOf(deployment);
  if (!isRolling(deployment) || replicas === 0) return 0;
  return Math.min(fenceposts(deployment).unavailable, replicas);
}

/** Both rounded to nothing would stand still: then one pod may be missing. */
function fenceposts({ spec }: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge = 0, maxUnavailable = 0 } = spec.strategy?.rollingUpdate ?? {};
  const replicas = spec.replicas ?? 1;
  const surge = countOf(maxSurge, replicas, 'up');
  const unavailable = countOf(maxUnavailable, replicas, 'down');
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

const countOf = (value: IntOrString, total: number, rounding: 'up' | 'down'): number =>
  scaledCount(value, total, rounding).count ?? 0;
