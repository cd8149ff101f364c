import type { Kind } from '../machinery/kind.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import { DiscoveryDocuments } from './discovery/discovery-documents.js';
import { KindSets } from './custom-resources/kind-sets.js';
import type { KindRegistry, KindTable } from './kind-registry.js';
import type { DocumentSupplies } from './openapi/document-supplies.port.js';
import { OpenApiDocuments } from './openapi/openapi-documents.js';

export interface PublishedDocuments {
  readonly discovery: DiscoveryDocuments;
  readonly openApi: OpenApiDocuments;
}

/**
 * Documents about what is served, made once for all clusters that are given the same object and serve the same: one a process.
 * Without it, each cluster that is asked for discovery or OpenAPI would keep a copy of its own.
 */
export class SharedDocuments {
  readonly #text: TextCodec;
  readonly #supplies: DocumentSupplies | undefined;
  readonly #made = new WeakMap<readonly Kind[], PublishedDocuments>();
  readonly #custom = new KindSets<PublishedDocuments>();

  constructor(text: TextCodec, supplies?: DocumentSupplies) {
    this.#text = text;
    this.#supplies = supplies;
  }

  /** What there is to say of the registry's kinds. */
  of(registry: KindRegistry): PublishedDocuments {
    const builtIn = this.#builtIn(registry.builtIn);
    const own = registry.ownKinds();
    if (own.length === 0) return builtIn;
    return this.#custom.of(own, () => {
      const openApi = new OpenApiDocuments(registry.groups(), this.#text, {
        supplies: this.#supplies,
        base: builtIn.openApi,
      });
      return { discovery: new DiscoveryDocuments(registry.groups(), this.#text), openApi };
    });
  }

  #builtIn({ kinds, groups }: KindTable): PublishedDocuments {
    const known = this.#made.get(kinds);
    if (known !== undefined) return known;
    const openApi = new OpenApiDocuments(groups, this.#text, { supplies: this.#supplies });
    const made = Object.freeze({ discovery: new DiscoveryDocuments(groups, this.#text), openApi });
    this.#made.set(kinds, made);
    return made;
  }
}
