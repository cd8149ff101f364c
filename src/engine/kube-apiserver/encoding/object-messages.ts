import type { KubeObject } from '../../machinery/object.js';
import { builtInMessages } from '../../machinery/protobuf/built-in-messages.js';
import { enveloped } from '../../machinery/protobuf/envelope.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';

/** The protobuf of stored objects: made when first asked for and kept for as long as the object lives. */
export class ObjectMessages {
  readonly #text: TextCodec;
  readonly #known = new WeakMap<KubeObject, Uint8Array>();

  constructor(text: TextCodec) {
    this.#text = text;
  }

  /** Shared: never written to. */
  of(object: KubeObject): Uint8Array {
    const known = this.#known.get(object);
    if (known !== undefined) return known;
    const message = builtInMessages.encode(object, this.#text);
    this.#known.set(object, message);
    return message;
  }

  /** The same as a body. */
  bodyOf(object: KubeObject): readonly Uint8Array[] {
    return enveloped(object, [this.of(object)], this.#text);
  }
}
