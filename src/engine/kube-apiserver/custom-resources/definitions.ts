import { customResourceDefinition } from '../../kinds/custom-resource-definition.js';
import type { CustomResourceDefinition } from '../../machinery/api/apiextensions-v1.js';
import type { Kind } from '../../machinery/kind.js';
import type { KindRegistry } from '../kind-registry.js';
import type { ResourceStorage } from '../storage/resource-storage.js';
import type { CustomKinds, DefinedKinds } from './custom-kinds.js';
import { isConditionTrue } from './definition-conditions.js';

export interface DefinitionsOptions {
  readonly storage: ResourceStorage;
  readonly registry: KindRegistry;
  readonly kinds: CustomKinds;
}

interface Served {
  readonly uid: string | undefined;
  readonly spec: CustomResourceDefinition['spec'];
  readonly kinds: DefinedKinds;
}

/**
 * Keeps what is served in step with the stored definitions: from the first moment on, and with each commit. Mirrors
 * apiextensions' `crdHandler`.
 */
export class Definitions {
  readonly #options: DefinitionsOptions;
  /** By the definition's name. */
  readonly #served = new Map<string, Served>();

  constructor(options: DefinitionsOptions) {
    this.#options = options;
    const { storage } = options;
    storage.forEach(customResourceDefinition, undefined, ({ object }) => this.#changed(object));
    storage.watch(customResourceDefinition, {}, (events) => {
      for (const { entry, previous } of events) {
        if (entry !== undefined) this.#changed(entry.object);
        else if (previous !== undefined) this.#serve(previous.object.metadata.name, undefined);
      }
    });
  }

  /** The kind that instances are stored as; `undefined` while the definition is not served. */
  storageKind(name: string): Kind | undefined {
    return this.#served.get(name)?.kinds.storage;
  }

  #changed(definition: CustomResourceDefinition): void {
    const { metadata, spec, status } = definition;
    const { name, uid } = metadata;
    const names = status?.acceptedNames;
    if (names === undefined || !isConditionTrue(definition, 'Established')) return this.#serve(name, undefined);
    const old = this.#served.get(name);
    const kinds = this.#options.kinds.of(spec, names);
    if (old?.uid === uid && old?.kinds === kinds) return;
    this.#serve(name, { uid, spec, kinds });
  }

  #serve(name: string, served: Served | undefined): void {
    const old = this.#served.get(name);
    if (old === undefined && served === undefined) return;
    if (served === undefined) this.#served.delete(name);
    else this.#served.set(name, served);
    this.#options.registry.replace(old?.kinds.served ?? [], served?.kinds.served ?? []);
  }
}
