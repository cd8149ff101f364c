import type { KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { encodeObject } from './encode-object.js';
import type { StoredObject } from './stored-object.js';

/** An object whose content other clusters have too: its bytes, which would be its own, are made anew after a while. */
export class CommonObject implements StoredObject {
  readonly object: KubeObject;
  readonly #text: TextCodec;
  #bytes: WeakRef<Uint8Array> | undefined;

  constructor(object: KubeObject, text: TextCodec) {
    this.object = object;
    this.#text = text;
  }

  get bytes(): Uint8Array {
    const known = this.#bytes?.deref();
    if (known !== undefined) return known;
    const bytes = this.#text.encode(encodeObject(this.object));
    this.#bytes = new WeakRef(bytes);
    return bytes;
  }
}
