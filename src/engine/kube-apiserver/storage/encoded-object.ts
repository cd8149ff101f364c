import { encodeNoting } from './encode-object.js';
import { metadataWithin } from './metadata-within.js';
import type { KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { StoredObject } from './stored-object.js';

/** An object made in this process: encoded once, when somebody wants its bytes. */
export class EncodedObject implements StoredObject {
  readonly object: KubeObject;
  readonly #text: TextCodec;
  #bytes: Uint8Array | undefined;
  #metadataStart = 0;
  #metadataEnd = 0;

  constructor(object: KubeObject, text: TextCodec) {
    this.object = object;
    this.#text = text;
  }

  get bytes(): Uint8Array {
    if (this.#bytes !== undefined) return this.#bytes;
    const { texts, length, metadataStart, metadataEnd } = encodeNoting(this.object);
    const bytes = this.#text.encodeAll?.(texts) ?? this.#text.encode(texts.join(''));
    // Where every character is one byte, places in the text are places in the bytes.
    if (bytes.length === length) {
      this.#metadataStart = metadataStart;
      this.#metadataEnd = metadataEnd;
    }
    return (this.#bytes = bytes);
  }

  get metadataBytes(): Uint8Array | undefined {
    const { bytes } = this;
    return this.#metadataEnd === 0 ? metadataWithin(bytes) : bytes.subarray(this.#metadataStart, this.#metadataEnd);
  }
}
