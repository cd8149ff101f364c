import { parseTimestamp } from '../../kernel/clock.js';
import { controllerRevision } from '../../kinds/controller-revision.js';
import type { ControllerRevision } from '../../machinery/api/apps-v1.js';
import type { PodTemplateSpec } from '../../machinery/api/core-v1.js';
import type { RawExtension } from '../../machinery/api/runtime.js';
import { deepEqual } from '../../machinery/equality.js';
import type { Kind } from '../../machinery/kind.js';
import { matches, type LabelRequirements } from '../../machinery/label-selector.js';
import { keyOf, type KubeObject } from '../../machinery/object.js';
import type { NewObject } from '../../machinery/resource-api.port.js';
import { defineIndex } from '../../machinery/resource-reader.port.js';
import type { ReconcileContext } from '../controller.js';
import { templateHash } from '../deployment/template-hash.js';
import { adoptionPatch, controllerOf, controllerReference } from '../owner-references.js';
import { failingUnlessGone } from '../owned-pods.js';
import { isAlreadyThere } from '../status-errors.js';

const NAME_PREFIX_MAX = 223;
const NO_KEYS: readonly string[] = Object.freeze([]);

/** By the uid of the workload that controls the revision. */
const revisionsByOwner = defineIndex<ControllerRevision>({
  name: 'revisionsByOwner',
  keysOf(object) {
    const owner = controllerOf(object);
    return owner === undefined ? NO_KEYS : [owner.uid];
  },
});

/** Revisions that nobody controls, by namespace. */
const orphanRevisions = defineIndex<ControllerRevision>({
  name: 'orphanRevisions',
  keysOf: (object) => (controllerOf(object) === undefined ? [object.metadata.namespace ?? ''] : NO_KEYS),
});

/** A workload whose templates are kept as ControllerRevisions. */
export interface RevisionedWorkload {
  readonly kind: Kind;
  readonly object: KubeObject;
  readonly template: PodTemplateSpec;
  readonly selector: LabelRequirements;
  readonly collisionCount: number | undefined;
  /** The label of a revision, and of its pods, that holds its hash. */
  readonly hashLabel: string;
}

/** The revisions of a workload, oldest first; orphans that it selects are adopted. */
export function revisionsOf<State>(
  context: ReconcileContext<State>,
  { kind, object, selector }: RevisionedWorkload,
): readonly ControllerRevision[] {
  const { client } = context;
  const { uid = '', namespace = '', deletionTimestamp } = object.metadata;
  const owned = client
    .indexed(controllerRevision, revisionsByOwner, uid)
    .filter(({ metadata }) => matches(selector, metadata.labels));
  const orphans = client
    .indexed(controllerRevision, orphanRevisions, namespace)
    .filter(({ metadata }) => matches(selector, metadata.labels));
  if (deletionTimestamp === undefined) {
    for (const each of orphans) {
      const patch = adoptionPatch(each, controllerReference(kind, object));
      client.patch(controllerRevision, keyOf(each), patch, failingUnlessGone(context));
    }
  }
  return [...owned, ...orphans].toSorted(byRevision);
}

/**
 * The revision that holds the workload's template: made the newest where it is an older one. `undefined` where it is only
 * being created: the pass goes on when it is there. `collided` hears of another template that has its name.
 */
export function currentRevision<State>(
  context: ReconcileContext<State>,
  workload: RevisionedWorkload,
  revisions: readonly ControllerRevision[],
  collided: () => void,
): ControllerRevision | undefined {
  const { client } = context;
  const wanted = templatePatch(workload.template);
  const newest = revisions.at(-1);
  const same = revisions.findLast(({ data }) => deepEqual(data, wanted));
  if (same !== undefined) {
    if (newest === undefined || newest === same) return same;
    const revision = newest.revision + 1;
    client.patch(controllerRevision, keyOf(same), { revision });
    return { ...same, revision };
  }
  if (context.outstanding > 0) return undefined;
  const made = newRevision(workload, wanted, (newest?.revision ?? 0) + 1);
  context.create(controllerRevision, workload.object.metadata.namespace, made, ({ error }) => {
    if (error === undefined) return;
    if (isAlreadyThere(error)) collided();
    else context.fail(error);
  });
  return undefined;
}

/** Deletes the oldest revisions beyond the limit that nothing uses. */
export function truncateHistory<State>(
  context: ReconcileContext<State>,
  revisions: readonly ControllerRevision[],
  live: (revision: ControllerRevision) => boolean,
  limit: number,
): void {
  const unused = revisions.filter((each) => !live(each));
  for (const each of unused.slice(0, Math.max(unused.length - limit, 0))) {
    context.client.delete(controllerRevision, each, {}, failingUnlessGone(context));
  }
}

/** The template that a revision holds. */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec | undefined {
  const { spec } = (data ?? {}) as {
    readonly spec?: { readonly template?: PodTemplateSpec & { readonly $patch?: string } };
  };
  if (spec?.template === undefined) return undefined;
  const { $patch: _, ...template } = spec.template;
  return template;
}

/** As a strategic merge patch of the workload. */
const templatePatch = (template: PodTemplateSpec): RawExtension => {
  const patch: object = { spec: { template: { ...template, $patch: 'replace' } } };
  return patch as RawExtension;
};

function newRevision(
  { kind, object, template, collisionCount, hashLabel }: RevisionedWorkload,
  data: RawExtension,
  revision: number,
): NewObject<ControllerRevision> {
  const hash = templateHash(template, collisionCount);
  const { name, annotations } = object.metadata;
  return {
    metadata: {
      name: `${name.slice(0, NAME_PREFIX_MAX)}-${hash}`,
      labels: { ...template.metadata?.labels, [hashLabel]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(kind, object)],
    },
    data,
    revision,
  };
}

function byRevision(a: ControllerRevision, b: ControllerRevision): number {
  return a.revision - b.revision || createdAt(a) - createdAt(b) || (a.metadata.name < b.metadata.name ? -1 : 1);
}

const createdAt = ({ metadata }: ControllerRevision): number => parseTimestamp(metadata.creationTimestamp ?? '') ?? 0;
