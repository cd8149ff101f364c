import { encodeJson } from '../../machinery/json/encode-json.js';
import type { KubeObject } from '../../machinery/object.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { StoredObject } from './stored-object.js';

/** What differs between two clusters' copies of one bootstrap object. */
export interface BootstrapIdentity {
  readonly uid: string;
  readonly creationTimestamp: string;
  readonly resourceVersion: string;
}

/**
 * An object that every new cluster has. The template is shared by all clusters, the identity is this cluster's; the two
 * are joined whenever somebody asks and the result is not kept, so that an idle cluster pays for the identity alone.
 */
export class BootstrapObject implements StoredObject {
  readonly #template: KubeObject;
  readonly #identity: BootstrapIdentity;
  readonly #text: TextCodec;

  constructor(template: KubeObject, identity: BootstrapIdentity, text: TextCodec) {
    this.#template = template;
    this.#identity = identity;
    this.#text = text;
  }

  get object(): KubeObject {
    const { metadata, ...rest } = this.#template;
    const { apiVersion, kind, ...content } = rest;
    return { kind, apiVersion, metadata: { ...metadata, ...this.#identity }, ...content };
  }

  get bytes(): Uint8Array {
    return this.#text.encode(encodeJson(this.object));
  }
}
