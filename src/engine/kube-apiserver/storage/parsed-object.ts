import { parseJson } from './stored-json.js';
import type { KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { StoredObject } from './stored-object.js';

/** An object read back from disk: parsed when somebody looks inside, which for most of a sleeping cluster is never. */
export class ParsedObject implements StoredObject {
  readonly bytes: Uint8Array;
  readonly #text: TextCodec;
  #object: KubeObject | undefined;

  constructor(bytes: Uint8Array, text: TextCodec) {
    this.bytes = bytes;
    this.#text = text;
  }

  get object(): KubeObject {
    // The bytes were written by this server from a valid object.
    this.#object ??= parseJson(this.#text.decode(this.bytes)) as KubeObject;
    return this.#object;
  }
}
