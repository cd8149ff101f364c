import type { Kind } from './kind.js';
import type { KubeObject } from './object.js';

/** A lookup kept beside the objects of one kind: `keysOf` gives the keys under which an object is found. */
export interface Index<T extends KubeObject = KubeObject> {
  readonly name: string;
  keysOf(object: T): readonly string[];
}

export const defineIndex = <T extends KubeObject>(index: Index<T>): Index<T> => Object.freeze(index);

/**
 * Reads of the newest state, without copies: what an informer's cache gives upstream. Lists are in key order.
 * Keys are `namespace/name`, or the bare name of a cluster-scoped object.
 */
export interface ResourceReader {
  get<T extends KubeObject>(kind: Kind<T>, key: string): T | undefined;
  list<T extends KubeObject>(kind: Kind<T>, namespace?: string): readonly T[];
  /** The objects that `index` files under `key`. The index is built when first asked for, and kept by every write from then on. */
  indexed<T extends KubeObject>(kind: Kind<T>, index: Index<T>, key: string): readonly T[];
}
