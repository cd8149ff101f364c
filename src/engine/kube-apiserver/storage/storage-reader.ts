import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { Index, ResourceReader } from '../../machinery/resource-reader.port.js';
import type { KindFeeds } from './kind-feeds.js';
import { LiveIndex } from './live-index.js';
import type { ResourceStorage } from './resource-storage.js';

/** Reads of the newest state for components and rules. An index is built when first asked for, and lives from then on. */
export class StorageReader implements ResourceReader {
  readonly #storage: ResourceStorage;
  readonly #feeds: KindFeeds;
  /** By kind first: one index may be asked of several. */
  readonly #indexes = new Map<Kind, Map<Index<never>, LiveIndex<never>>>();

  constructor(storage: ResourceStorage, feeds: KindFeeds) {
    this.#storage = storage;
    this.#feeds = feeds;
  }

  get<T extends KubeObject>(kind: Kind<T>, key: string): T | undefined {
    return this.#storage.object(kind, key);
  }

  list<T extends KubeObject>(kind: Kind<T>, namespace?: string): readonly T[] {
    const objects: T[] = [];
    this.#storage.forEach(kind, namespace, ({ object }) => void objects.push(object));
    return objects;
  }

  indexed<T extends KubeObject>(kind: Kind<T>, index: Index<T>, key: string): readonly T[] {
    const live = this.#indexes.get(kind)?.get(index) as LiveIndex<T> | undefined;
    return (live ?? this.#build(kind, index)).get(key);
  }

  #build<T extends KubeObject>(kind: Kind<T>, index: Index<T>): LiveIndex<T> {
    const live = new LiveIndex(index);
    const ofKind = this.#indexes.get(kind) ?? new Map<Index<never>, LiveIndex<never>>();
    this.#indexes.set(kind, ofKind.set(index, live as LiveIndex<never>));
    this.#storage.forEach(kind, undefined, ({ object }) => live.change(undefined, object));
    this.#feeds.subscribe(kind, ({ type, object, previous }) =>
      type === 'deleted' ? live.change(previous ?? object, undefined) : live.change(previous, object),
    );
    return live;
  }
}
