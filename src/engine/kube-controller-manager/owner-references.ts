import { apiVersionOf, type KubeObject } from '../machinery/object.js';
import type { Kind } from '../machinery/kind.js';
import type { ReplicaSet } from '../machinery/api/apps-v1.js';
import type { Pod } from '../machinery/api/core-v1.js';
import type { ObjectMeta, OwnerReference } from '../machinery/api/meta-v1.js';
import { defineIndex } from '../machinery/resource-reader.port.js';

const NO_KEYS: readonly string[] = Object.freeze([]);

const ownerKeys = (object: KubeObject): readonly string[] => {
  const owner = controllerOf(object);
  return owner === undefined ? NO_KEYS : [owner.uid];
};

const orphanKeys = (object: KubeObject): readonly string[] =>
  controllerOf(object) === undefined ? [object.metadata.namespace ?? ''] : NO_KEYS;

/** By the uid of the Deployment that controls the set. */
export const replicaSetsByOwner = defineIndex<ReplicaSet>({ name: 'replicaSetsByOwner', keysOf: ownerKeys });

/** Sets that nobody controls, by namespace: what a Deployment might adopt. */
export const orphanReplicaSets = defineIndex<ReplicaSet>({ name: 'orphanReplicaSets', keysOf: orphanKeys });

/** Pods that nobody controls, by namespace: what a set might adopt. */
export const orphanPods = defineIndex<Pod>({ name: 'orphanPods', keysOf: orphanKeys });

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
