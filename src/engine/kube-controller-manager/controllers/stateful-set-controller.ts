// Mirrors upstream's StatefulSet controller: pods with names and claims that last, made and removed in order or at once,
// rolling updates by partition and by how many may be unavailable, revisions, owners of claims by the retention policy.
import { milliseconds, type Duration, type Instant } from '../../kernel/clock.js';
import { controllerRevision } from '../../kinds/controller-revision.js';
import { persistentVolumeClaim } from '../../kinds/persistent-volume-claim.js';
import { pod } from '../../kinds/pod.js';
import { statefulSet } from '../../kinds/stateful-set.js';
import type { ControllerRevision, StatefulSet } from '../../machinery/api/apps-v1.js';
import type { PersistentVolumeClaim, Pod } from '../../machinery/api/core-v1.js';
import { deepEqual } from '../../machinery/equality.js';
import { fromLabelSelector, matches } from '../../machinery/label-selector.js';
import { keyOf } from '../../machinery/object.js';
import { defineController, watching, type MapContext, type ReconcileContext } from '../controller.js';
import {
  currentRevision,
  revisionsOf,
  truncateHistory,
  type RevisionedWorkload,
} from '../history/controller-revisions.js';
import { controllerOf } from '../owner-references.js';
import { claimPods } from '../owned-pods.js';
import { isReady, readyTransition } from '../pods.js';
import { ordinalIn, replicasOf, REVISION_LABEL } from '../stateful-set/identity.js';
import { SetSync } from '../stateful-set/set-sync.js';

const REVISION_LIMIT = 10;
const MS_PER_SECOND = 1_000;

type Context = ReconcileContext<undefined>;

export const statefulSetController = defineController<StatefulSet>({
  name: 'statefulset-controller',
  primary: statefulSet,
  owns: [{ kind: controllerRevision, matters: () => false }],
  watches: [
    watching<Pod, undefined>({ kind: pod, matters: mattersToSet, map: setsOf }),
    watching<PersistentVolumeClaim, undefined>({ kind: persistentVolumeClaim, matters: () => false, map: setsOfClaim }),
  ],

  reconcile(context, set) {
    if (set === undefined) return undefined;
    const selector = fromLabelSelector(set.spec.selector);
    const workload: RevisionedWorkload = {
      kind: statefulSet,
      object: set,
      template: set.spec.template,
      selector,
      collisionCount: set.status?.collisionCount ?? 0,
      hashLabel: 'controller.kubernetes.io/hash',
    };
    const revisions = revisionsOf(context, workload);
    const update = currentRevision(context, workload, revisions, () => noteCollision(context, set));
    if (update === undefined) return undefined;
    const current = revisions.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
    const pods = claimPods(context, {
      owner: { kind: statefulSet, object: set },
      selector,
      adopts: ({ metadata }) => ordinalIn(set, metadata.name) !== undefined,
    }).filter(({ metadata }) => ordinalIn(set, metadata.name) !== undefined);
    const status = new SetSync(context, set, { current, update }, pods).run();
    if (!deepEqual(status, set.status)) context.client.updateStatus(statefulSet, { ...set, status });
    const live = new Set([current.metadata.name, update.metadata.name, ...pods.map(revisionNameOf)]);
    const isLive = ({ metadata }: ControllerRevision): boolean => live.has(metadata.name);
    truncateHistory(context, revisions, isLive, set.spec.revisionHistoryLimit ?? REVISION_LIMIT);
    const isShort = status.availableReplicas !== replicasOf(set);
    return isShort ? nextAvailability(set, pods, context.simulation.now) : undefined;
  },
});

const revisionNameOf = ({ metadata }: Pod): string => metadata.labels?.[REVISION_LABEL] ?? '';

/** Another template has the name of this one's revision: the next hash is made from one more. */
function noteCollision({ client }: Context, set: StatefulSet): void {
  const status = { replicas: 0, ...set.status, collisionCount: (set.status?.collisionCount ?? 0) + 1 };
  client.updateStatus(statefulSet, { ...set, status });
}

/** When the next ready pod will have been ready for long enough. */
function nextAvailability({ spec }: StatefulSet, pods: readonly Pod[], now: Instant): Duration | undefined {
  const waits = pods
    .filter(isReady)
    .map((each) => (readyTransition(each) ?? now) + (spec.minReadySeconds ?? 0) * MS_PER_SECOND - now)
    .filter((wait) => wait > 0);
  return waits.length === 0 ? undefined : milliseconds(Math.min(...waits));
}

function mattersToSet(object: Pod, previous: Pod): boolean {
  return (
    !deepEqual(object.metadata.labels, previous.metadata.labels) ||
    !deepEqual(object.metadata.ownerReferences, previous.metadata.ownerReferences) ||
    object.metadata.deletionTimestamp !== previous.metadata.deletionTimestamp ||
    object.status?.phase !== previous.status?.phase ||
    isReady(object) !== isReady(previous)
  );
}

function setsOf(object: Pod, { client }: MapContext<undefined>): readonly string[] {
  const { namespace = '', labels, deletionTimestamp } = object.metadata;
  const owner = controllerOf(object);
  if (owner !== undefined) return owner.kind === statefulSet.kind ? [`${namespace}/${owner.name}`] : [];
  if (deletionTimestamp !== undefined) return [];
  return client
    .list(statefulSet, namespace)
    .filter(({ spec }) => matches(fromLabelSelector(spec.selector), labels))
    .map(keyOf);
}

/** A pod that waits for its former claim to go hears of it. */
function setsOfClaim(
  { metadata: { namespace = '', ownerReferences } }: PersistentVolumeClaim,
  _: MapContext<undefined>,
  type: string,
): readonly string[] {
  if (type !== 'deleted') return [];
  return (ownerReferences ?? []).flatMap(({ kind, name }) => {
    if (kind === statefulSet.kind) return [`${namespace}/${name}`];
    return kind === pod.kind ? [`${namespace}/${name.replace(/-\d+$/, '')}`] : [];
  });
}
