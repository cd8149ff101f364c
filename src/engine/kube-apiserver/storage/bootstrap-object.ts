import { encodeJson } from '../../machinery/json/encode-json.js';
import type { ManagedFieldsEntry } from '../../machinery/api/meta-v1.js';
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
    const { creationTimestamp: time } = this.#identity;
    const managedFields = metadata.managedFields?.map((entry) => managedAt(entry, time));
    const identified = { ...metadata, ...this.#identity };
    return {
      kind,
      apiVersion,
      metadata: managedFields === undefined ? identified : { ...identified, managedFields },
      ...content,
    };
  }

  get bytes(): Uint8Array {
    return this.#text.encode(encodeJson(this.#kept ?? this.#joined()));
  }
}

/** Templates say who wrote them, not when. In upstream's order of keys. */
function managedAt(entry: ManagedFieldsEntry, time: string): ManagedFieldsEntry {
  const { manager, operation, apiVersion, ...rest } = entry;
  return {
    ...(manager === undefined ? {} : { manager }),
    ...(operation === undefined ? {} : { operation }),
    ...(apiVersion === undefined ? {} : { apiVersion }),
    time,
    ...rest,
  };
}
