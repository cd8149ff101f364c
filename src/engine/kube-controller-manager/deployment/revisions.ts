import type { Deployment, ReplicaSet } from '../../machinery/api/apps-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { maxSurgeOf, replicasOf } from './replica-sets.js';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
/** Asks for the template of the revision that it names. */
export const ROLLBACK_TO = 'deprecated.deployment.rollback.to';
const REVISION_HISTORY_CHARACTERS_MAX = 2_000;
/** Annotations of a Deployment that its ReplicaSets do not take over. */
const OWN_ANNOTATIONS: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  ROLLBACK_TO,
];

type Annotations = Readonly<Record<string, string>>;

export function revisionOf({ metadata }: ReplicaSet): number {
  const text = metadata.annotations?.[REVISION];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : 0;
}

export const nextRevision = (old: readonly ReplicaSet[]): number =>
  old.reduce((most, each) => Math.max(most, revisionOf(each)), 0) + 1;

/** A count that an annotation keeps; `undefined` where there is none. */
export function countAnnotation({ metadata }: ReplicaSet, name: string): number | undefined {
  const text = metadata.annotations?.[name];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** How many pods there were to be, surge included, when this set was last scaled. */
export const maxReplicasBefore = (set: ReplicaSet): number | undefined => countAnnotation(set, MAX_REPLICAS);

/** The annotations of the set of the present template: the Deployment's own, and a revision that never falls. */
export function freshAnnotations(deployment: Deployment, set: ReplicaSet | undefined, revision: number): Annotations {
  const former = set?.metadata.annotations ?? {};
  const annotations: Record<string, string> = { ...former };
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) {
    if (!OWN_ANNOTATIONS.includes(key)) annotations[key] = value;
  }
  const oldText = former[REVISION];
  if (oldText !== undefined && oldText !== '' && !/^-?\d+$/.test(oldText)) return annotations;
  if (Number(oldText ?? '0') < revision) {
    annotations[REVISION] = String(revision);
    if (oldText !== undefined) {
      const history = withRevision(former[REVISION_HISTORY] ?? '', oldText);
      if (history !== undefined) annotations[REVISION_HISTORY] = history;
    }
  }
  return set === undefined ? { ...annotations, ...replicasAnnotations(deployment) } : annotations;
}

/** What a Deployment that goes back to a set says of itself: what is its own, and what it said when it made that set. */
export function annotationsOfRevision(deployment: Deployment, set: ReplicaSet): Annotations {
  const all = (annotations: Annotations | undefined): readonly [string, string][] => Object.entries(annotations ?? {});
  return Object.fromEntries([
    ...all(deployment.metadata.annotations).filter(([key]) => OWN_ANNOTATIONS.includes(key)),
    ...all(set.metadata.annotations).filter(([key]) => !OWN_ANNOTATIONS.includes(key)),
  ]);
}

/** By what a later pass sees that the Deployment was scaled. */
export const replicasAnnotations = (deployment: Deployment): Annotations => ({
  [DESIRED_REPLICAS]: String(replicasOf(deployment)),
  [MAX_REPLICAS]: String(replicasOf(deployment) + maxSurgeOf(deployment)),
});

export const hasAnnotations = ({ metadata }: ReplicaSet, wanted: Annotations): boolean =>
  Object.entries(wanted).every(([key, value]) => metadata.annotations?.[key] === value);

export const sameAnnotations = ({ metadata }: ReplicaSet, annotations: Annotations): boolean =>
  deepEqual(metadata.annotations ?? {}, annotations);

/** The oldest revisions give way; `undefined` where even then there is no room. */
function withRevision(history: string, revision: string): string | undefined {
  if (history === '') return revision;
  const revisions = history.split(',');
  let length = history.length + revision.length + 1;
  while (length > REVISION_HISTORY_CHARACTERS_MAX) {
    const oldest = revisions.shift();
    if (oldest === undefined) return undefined;
    length -= oldest.length + 1;
  }
  return [...revisions, revision].join(',');
}
