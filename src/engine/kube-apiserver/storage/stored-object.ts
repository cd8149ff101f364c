import type { KubeObject } from '../../machinery/object.js';

/** What the store keeps of one object: the object and its encoded JSON, each made from the other when first asked for. */
export interface StoredObject {
  readonly object: KubeObject;
  /** UTF-8 JSON, without a trailing newline. */
  readonly bytes: Uint8Array;
  /** The JSON of its metadata, where that is found faster than by a look through `bytes`. */
  readonly metadataBytes?: Uint8Array | undefined;
}
