import { apiVersionOf, type KubeObject } from '../machinery/object.js';
import type { Kind } from '../machinery/kind.js';
import type { ObjectMeta, OwnerReference } from '../machinery/api/meta-v1.js';
import { defineIndex } from '../machinery/resource-reader.port.js';

const NO_KEYS: readonly string[] = Object.freeze([]);

/** By the uid of the owner that controls the object. */
export const byController = defineIndex<KubeObject>({
  name: 'byController',
  keysOf(object) {
    const owner = controllerOf(object);
    return owner === undefined ? NO_KEYS : [owner.uid];
  },
});

/** Objects that nobody controls, by namespace: what a controller might adopt. */
export const orphansByNamespace = defineIndex<KubeObject>({
  name: 'orphansByNamespace',
  keysOf: (object) => (controllerOf(object) === undefined ? [object.metadata.namespace ?? ''] : NO_KEYS),
});

/** By the uid of each owner, controlling or not. */
export const byOwner = defineIndex<KubeObject>({
  name: 'byOwner',
  keysOf: ({ metadata: { ownerReferences } }) =>
    ownerReferences === undefined ? NO_KEYS : [...new Set(ownerReferences.map(({ uid }) => uid))],
});

export const controllerOf = ({ metadata }: { readonly metadata: ObjectMeta }): OwnerReference | undefined =>
  metadata.ownerReferences?.find(({ controller }) => controller === true);

export const isControlledBy = (object: KubeObject, owner: KubeObject): boolean =>
  controllerOf(object)?.uid === owner.metadata.uid;

/** The reference by which `owner` controls what it makes. */
export const controllerReference = (kind: Kind, owner: KubeObject): OwnerReference => ({
  apiVersion: apiVersionOf(kind),
  kind: kind.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
});

/** A merge patch that makes `owner` the controller of an orphan; refused where the name has become another object's. */
export const adoptionPatch = ({ metadata }: KubeObject, reference: OwnerReference): unknown => ({
  metadata: { uid: metadata.uid, ownerReferences: [...(metadata.ownerReferences ?? []), reference] },
});

/** A merge patch that takes the references to these owners away. */
export function releasePatch({ metadata }: KubeObject, ownerUids: ReadonlySet<string>): unknown {
  const kept = (metadata.ownerReferences ?? []).filter(({ uid }) => !ownerUids.has(uid));
  return { metadata: { uid: metadata.uid, ownerReferences: kept.length === 0 ? null : kept } };
}
