import type { KubeObject } from '../../machinery/object.js';
import { keyOf } from '../../machinery/object.js';
import type { Index } from '../../machinery/resource-reader.port.js';

const NOTHING: readonly never[] = Object.freeze([]);

interface Bucket<T> {
  /** In key order. Replaced, not changed, once it was handed out. */
  objects: T[];
  isShared: boolean;
}

/** One index over the objects of one kind, kept up to date by every change. */
export class LiveIndex<T extends KubeObject> {
  readonly #index: Index<T>;
  readonly #buckets = new Map<string, Bucket<T>>();

  constructor(index: Index<T>) {
    this.#index = index;
  }

  get(key: string): readonly T[] {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return NOTHING;
    bucket.isShared = true;
    return bucket.objects;
  }

  change(previous: T | undefined, object: T | undefined): void {
    const before = previous === undefined ? NOTHING : this.#index.keysOf(previous);
    const after = object === undefined ? NOTHING : this.#index.keysOf(object);
    if (previous !== undefined) for (const key of before) if (!after.includes(key)) this.#remove(key, previous);
    if (object !== undefined) for (const key of after) this.#put(key, object);
  }

  #put(key: string, object: T): void {
    const bucket = this.#own(key);
    const at = positionOf(bucket.objects, object);
    const found = bucket.objects[at];
    bucket.objects.splice(at, found !== undefined && !isBefore(object, found) ? 1 : 0, object);
  }

  #remove(key: string, object: T): void {
    const bucket = this.#own(key);
    const at = positionOf(bucket.objects, object);
    const found = bucket.objects[at];
    if (found !== undefined && !isBefore(object, found)) bucket.objects.splice(at, 1);
    if (bucket.objects.length === 0) this.#buckets.delete(key);
  }

  /** The bucket, with an array that nobody else holds. */
  #own(key: string): Bucket<T> {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { objects: [], isShared: false };
      this.#buckets.set(key, bucket);
    } else if (bucket.isShared) {
      bucket.objects = bucket.objects.slice();
      bucket.isShared = false;
    }
    return bucket;
  }
}

/** Where the object's key is, or belongs. */
function positionOf(objects: readonly KubeObject[], object: KubeObject): number {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(objects[middle]!, object)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By key. Within a namespace the names decide, and no key need be made. */
function isBefore(one: KubeObject, other: KubeObject): boolean {
  const [{ namespace, name }, { metadata }] = [one.metadata, other];
  return namespace === metadata.namespace ? name < metadata.name : keyOf(one) < keyOf(other);
}
