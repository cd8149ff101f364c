import { encodeObject } from './encode-object.js';
import type { KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { StoredObject } from './stored-object.js';

/** An object made in this process: encoded once, when somebody wants its bytes. */
export class EncodedObject implements StoredObject {
  readonly object: KubeObject;
  readonly #text: TextCodec;
  #bytes: Uint8Array | undefined;

  constructor(object: KubeObject, text: TextCodec) {
    this.object = object;
    this.#text = text;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.#text.encode(encodeObject(this.object));
    return this.#bytes;
  }
}
