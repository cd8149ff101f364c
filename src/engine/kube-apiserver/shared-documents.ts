import type { Kind } from '../machinery/kind.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import { DiscoveryDocuments } from './discovery/discovery-documents.js';
import type { KindRegistry } from './kind-registry.js';

/**
 * Documents about the built-in kinds, made once for all clusters that are given the same object: one a process. Without
 * it, each cluster that is asked for discovery or OpenAPI would keep a copy of its own.
 */
export class SharedDocuments {
  readonly #text: TextCodec;
  readonly #discovery = new WeakMap<readonly Kind[], DiscoveryDocuments>();

  constructor(text: TextCodec) {
    this.#text = text;
  }

  /** What discovery says of the registry's kinds. */
  discovery(registry: KindRegistry): DiscoveryDocuments {
    if (!registry.isBuiltInOnly) return new DiscoveryDocuments(registry.groups(), this.#text);
    const { kinds, groups } = registry.builtIn;
    const known = this.#discovery.get(kinds);
    if (known !== undefined) return known;
    const made = new DiscoveryDocuments(groups, this.#text);
    this.#discovery.set(kinds, made);
    return made;
  }
}
