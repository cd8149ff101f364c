import { encodeJson } from '../../machinery/json/encode-json.js';
import type { KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { StoredObject } from './stored-object.js';

/** Lists of everything, by clients and informers as they start, keep nothing. */
const UNKEPT_READS_MAX = 32;

/** What differs between two clusters' copies of one bootstrap object. */
export interface BootstrapIdentity {
  readonly uid: string;
  readonly creationTimestamp: string;
  readonly resourceVersion: string;
}

/**
 * An object that every new cluster has. The template is shared by all clusters, the identity is this cluster's; the two
 * are joined whenever somebody asks. The result is kept once it is asked for time and again, as a busy namespace is, so that
 * an idle cluster pays for the identity alone.
 */
export class BootstrapObject implements StoredObject {
  readonly #template: KubeObject;
  readonly #identity: BootstrapIdentity;
  readonly #text: TextCodec;
  #kept: KubeObject | undefined;
  #reads = 0;

  constructor(template: KubeObject, identity: BootstrapIdentity, text: TextCodec) {
    this.#template = template;
    this.#identity = identity;
    this.#text = text;
  }

  get object(): KubeObject {
    if (this.#kept !== undefined) return this.#kept;
    const object = this.#joined();
    if (++this.#reads > UNKEPT_READS_MAX) this.#kept = object;
    return object;
  }

  #joined(): KubeObject {
    const { metadata, ...rest } = this.#template;
    const { apiVersion, kind, ...content } = rest;
    return { kind, apiVersion, metadata: { ...metadata, ...this.#identity }, ...content };
  }

  get bytes(): Uint8Array {
    return this.#text.encode(encodeJson(this.#kept ?? this.#joined()));
  }
}
