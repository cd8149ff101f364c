import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { encodeJson } from '../../machinery/json/encode-json.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { CommonObject } from './common-object.js';
import { parseJson } from './stored-json.js';
import type { StoredObject } from './stored-object.js';

/** Contents that no cluster has any more are forgotten each time that so many have been added. */
const ADDED_MAX = 1024;

/**
 * What objects of some kinds have in common in many clusters: large specs, and annotations that repeat them. Each is kept
 * once a process, for as long as an object has it.
 */
export class CommonContent {
  readonly #text: TextCodec;
  readonly #prefixes: readonly string[];
  readonly #known = new Map<string, WeakRef<object>>();
  readonly #kept = new WeakSet<object>();
  #added = 0;

  constructor(kinds: readonly Kind[], text: TextCodec) {
    this.#text = text;
    this.#prefixes = kinds.flatMap(({ isCommon, storagePrefix }) =>
      isCommon === true ? [`/registry/${storagePrefix}/`] : [],
    );
  }

  stored(object: KubeObject): StoredObject {
    return new CommonObject(this.#shared(object), this.#text);
  }

  /** Of what was read back from disk; `undefined` for a key whose objects have nothing in common. */
  restored(key: string, value: Uint8Array): StoredObject | undefined {
    if (!this.#prefixes.some((prefix) => key.startsWith(prefix))) return undefined;
    return this.stored(parseJson(this.#text.decode(value)) as KubeObject);
  }

  #shared(object: KubeObject & { readonly spec?: object }): KubeObject {
    const { metadata, spec } = object;
    const { annotations } = metadata;
    return {
      ...object,
      metadata: annotations === undefined ? metadata : { ...metadata, annotations: this.#one(annotations) },
      ...(spec === undefined ? {} : { spec: this.#one(spec) }),
    };
  }

  #one<T extends object>(content: T): T {
    if (this.#kept.has(content)) return content;
    const id = bytesToHex(sha256(this.#text.encode(encodeJson(content))));
    const known = this.#known.get(id)?.deref();
    if (known !== undefined) return known as T;
    this.#known.set(id, new WeakRef(content));
    this.#kept.add(content);
    if (++this.#added >= ADDED_MAX) this.#sweep();
    return content;
  }

  #sweep(): void {
    this.#added = 0;
    for (const [id, content] of this.#known) if (content.deref() === undefined) this.#known.delete(id);
  }
}
