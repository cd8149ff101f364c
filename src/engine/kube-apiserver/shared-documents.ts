import type { Kind } from '../machinery/kind.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import { DiscoveryDocuments } from './discovery/discovery-documents.js';
import type { KindRegistry, ServedGroup } from './kind-registry.js';
import type { DocumentSupplies } from './openapi/document-supplies.port.js';
import { OpenApiDocuments } from './openapi/openapi-documents.js';

export interface PublishedDocuments {
  readonly discovery: DiscoveryDocuments;
  readonly openApi: OpenApiDocuments;
}

/**
 * Documents about the built-in kinds, made once for all clusters that are given the same object: one a process. Without
 * it, each cluster that is asked for discovery or OpenAPI would keep a copy of its own.
 */
export class SharedDocuments {
  readonly #text: TextCodec;
  readonly #supplies: DocumentSupplies | undefined;
  readonly #made = new WeakMap<readonly Kind[], PublishedDocuments>();

  constructor(text: TextCodec, supplies?: DocumentSupplies) {
    this.#text = text;
    this.#supplies = supplies;
  }

  /** What there is to say of the registry's kinds. */
  of(registry: KindRegistry): PublishedDocuments {
    if (!registry.isBuiltInOnly) return this.#publish(registry.groups());
    const { kinds, groups } = registry.builtIn;
    const known = this.#made.get(kinds);
    if (known !== undefined) return known;
    const made = this.#publish(groups);
    this.#made.set(kinds, made);
    return made;
  }

  #publish(groups: readonly ServedGroup[]): PublishedDocuments {
    const openApi = new OpenApiDocuments(groups, this.#text, { supplies: this.#supplies });
    return Object.freeze({ discovery: new DiscoveryDocuments(groups, this.#text), openApi });
  }
}
