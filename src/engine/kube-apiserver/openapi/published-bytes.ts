import type { DocumentSupplies } from './document-supplies.port.js';

/** Bytes that are handed out as they are, or as gzip made when first asked for. */
export class PublishedBytes {
  readonly plain: Uint8Array;
  readonly #supplies: DocumentSupplies | undefined;
  #compressed: Uint8Array | undefined;

  constructor(plain: Uint8Array, supplies: DocumentSupplies | undefined) {
    this.plain = plain;
    this.#supplies = supplies;
  }

  /** `undefined` where nothing compresses. */
  get compressed(): Uint8Array | undefined {
    this.#compressed ??= this.#supplies?.compress(this.plain);
    return this.#compressed;
  }
}
