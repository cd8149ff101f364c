import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { ResourceEvent, Subscription } from '../../machinery/resource-api.port.js';
import type { ResourceStorage, StorageEvent } from './resource-storage.js';

type Listener = (event: ResourceEvent) => void;

interface Feed {
  readonly listeners: Set<Listener>;
  cancel(): void;
}

/** Every change of a kind, told to all who asked: one watch of the store for each kind that anybody listens to. */
export class KindFeeds {
  readonly #storage: ResourceStorage;
  readonly #feeds = new Map<Kind, Feed>();

  constructor(storage: ResourceStorage) {
    this.#storage = storage;
  }

  subscribe<T extends KubeObject>(kind: Kind<T>, listener: (event: ResourceEvent<T>) => void): Subscription {
    // One entry a subscription, even of one and the same function.
    const own: Listener = (event) => listener(event as ResourceEvent<T>);
    const feed = this.#feeds.get(kind) ?? this.#open(kind);
    feed.listeners.add(own);
    return {
      cancel: () => {
        if (!feed.listeners.delete(own) || feed.listeners.size > 0) return;
        feed.cancel();
        if (this.#feeds.get(kind) === feed) this.#feeds.delete(kind);
      },
    };
  }

  #open(kind: Kind): Feed {
    const listeners = new Set<Listener>();
    const watcher = this.#storage.watch(kind, {}, (events) => {
      for (const each of events) {
        const event = resourceEvent(kind, each);
        for (const listener of listeners) listener(event);
      }
    });
    const feed = { listeners, cancel: () => watcher.cancel() };
    this.#feeds.set(kind, feed);
    return feed;
  }
}

function resourceEvent(kind: Kind, { revision, entry, previous }: StorageEvent): ResourceEvent {
  if (entry !== undefined) {
    const { object } = entry;
    if (previous === undefined) return { type: 'added', kind, object, revision };
    return { type: 'modified', kind, object, previous: previous.object, revision };
  }
  const last = previous!.object;
  const object = { ...last, metadata: { ...last.metadata, resourceVersion: String(revision) } };
  return { type: 'deleted', kind, object, previous: last, revision };
}
