import type { Kind } from '../machinery/kind.js';
import { apiVersionOf, keyOf, type KubeObject } from '../machinery/object.js';

/** Which objects name which owners, as told by the informers: what upstream's collector keeps as a graph. */
export class OwnedObjects {
  readonly #byOwner = new Map<string, Set<string>>();

  /** Notes the owners of an object, in place of those of its former state. */
  note(kind: Kind, object: KubeObject | undefined, previous: KubeObject | undefined): void {
    const before = previous?.metadata.ownerReferences;
    const after = object?.metadata.ownerReferences;
    if (before === after) return;
    const name = object ?? previous;
    if (name === undefined) return;
    const key = itemKeyOf(kind, name);
    for (const { uid } of before ?? []) if (after?.some((each) => each.uid === uid) !== true) this.#remove(uid, key);
    for (const { uid } of after ?? []) this.#add(uid, key);
  }

  /** Item keys, in the order in which they were told of. */
  of(ownerUid: string): readonly string[] {
    const keys = this.#byOwner.get(ownerUid);
    return keys === undefined ? NO_KEYS : [...keys];
  }

  #add(uid: string, key: string): void {
    const keys = this.#byOwner.get(uid);
    if (keys === undefined) this.#byOwner.set(uid, new Set([key]));
    else keys.add(key);
  }

  #remove(uid: string, key: string): void {
    const keys = this.#byOwner.get(uid);
    if (keys?.delete(key) === true && keys.size === 0) this.#byOwner.delete(uid);
  }
}

const NO_KEYS: readonly string[] = Object.freeze([]);

/** Names an object among those of all kinds: `apps/v1 ReplicaSet default/web`. */
export const itemKeyOf = (kind: Kind, object: KubeObject): string => `${typeKeyOf(kind)} ${keyOf(object)}`;

export const typeKeyOf = (kind: Kind): string => `${apiVersionOf(kind)} ${kind.kind}`;

export function splitItemKey(itemKey: string): { readonly typeKey: string; readonly key: string } {
  const space = itemKey.lastIndexOf(' ');
  return { typeKey: itemKey.slice(0, space), key: itemKey.slice(space + 1) };
}
