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

const HOLES: BootstrapIdentity = { uid: '<<uid>>', creationTimestamp: '<<time>>', resourceVersion: '<<version>>' };
const HOLE = /<<(uid|time|version)>>/;

/** The JSON of one bootstrap object but for its identity: encoded once for all clusters. */
export class BootstrapText {
  readonly #template: KubeObject;
  /** Texts and, in between, the names of what is missing there. */
  #pieces: readonly string[] | undefined;

  constructor(template: KubeObject) {
    this.#template = template;
  }

  textOf({ uid, creationTimestamp, resourceVersion }: BootstrapIdentity): string {
    this.#pieces ??= encodeJson(joined(this.#template, HOLES)).split(HOLE);
    const [first = '', ...rest] = this.#pieces;
    let text = first;
    for (let at = 0; at + 1 < rest.length; at += 2) {
      text += rest[at] === 'uid' ? uid : rest[at] === 'time' ? creationTimestamp : resourceVersion;
      text += rest[at + 1] ?? '';
    }
    return text;
  }
}

/** What an object is made from, and how it is encoded where no cluster has filled it in its own way. */
export interface BootstrapSource {
  readonly template: KubeObject;
  readonly shared?: BootstrapText | undefined;
}

/**
 * An object that every new cluster has. The template is shared by all clusters, the identity is this cluster's; the two
 * are joined whenever somebody asks. The result is kept once it is asked for time and again, as a busy namespace is, so that
 * an idle cluster pays for the identity alone.
 */
export class BootstrapObject implements StoredObject {
  readonly #source: BootstrapSource;
  readonly #identity: BootstrapIdentity;
  readonly #text: TextCodec;
  #kept: KubeObject | undefined;
  #reads = 0;

  constructor(source: BootstrapSource, identity: BootstrapIdentity, text: TextCodec) {
    this.#source = source;
    this.#identity = identity;
    this.#text = text;
  }

  get object(): KubeObject {
    if (this.#kept !== undefined) return this.#kept;
    const object = joined(this.#source.template, this.#identity);
    if (++this.#reads > UNKEPT_READS_MAX) this.#kept = object;
    return object;
  }

  get bytes(): Uint8Array {
    const { template, shared } = this.#source;
    const text = shared?.textOf(this.#identity) ?? encodeJson(this.#kept ?? joined(template, this.#identity));
    return this.#text.encode(text);
  }
}

function joined(template: KubeObject, identity: BootstrapIdentity): KubeObject {
  const { metadata, ...rest } = template;
  const { apiVersion, kind, ...content } = rest;
  const managedFields = metadata.managedFields?.map((entry) => ({ ...entry, time: identity.creationTimestamp }));
  const identified = { ...metadata, ...identity };
  return {
    kind,
    apiVersion,
    metadata: managedFields === undefined ? identified : { ...identified, managedFields },
    ...content,
  };
}
