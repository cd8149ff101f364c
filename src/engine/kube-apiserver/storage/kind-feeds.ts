import type { Watcher } from '../../etcd/watch-hub.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { ResourceEvent, Subscription } from '../../machinery/resource-api.port.js';
import type { ResourceStorage, StorageEvent } from './resource-storage.js';

type Listener = (event: ResourceEvent) => void;

/** Every change of a kind, told to all who asked: one watch of the store for each kind that anybody listens to. */
export class KindFeeds {
  readonly #storage: ResourceStorage;
  readonly #feeds = new Map<Kind, Feed>();

  constructor(storage: ResourceStorage) {
    this.#storage = storage;
  }

  subscribe<T extends KubeObject>(kind: Kind<T>, listener: (event: ResourceEvent<T>) => void): Subscription {
    let feed = this.#feeds.get(kind);
    if (feed === undefined) {
      feed = new Feed(kind, this.#storage, this.#feeds);
      this.#feeds.set(kind, feed);
    }
    return feed.join(listener as Listener);
  }
}

/** There is one for each kind that a cluster defines, and mostly one listener to it: both are small. */
class Feed {
  readonly #kind: Kind;
  readonly #feeds: Map<Kind, Feed>;
  readonly #watcher: Watcher;
  /** Never changed, but replaced: who comes or goes while an event is told changes nothing about who hears it. */
  #members: readonly Member[] = [];

  constructor(kind: Kind, storage: ResourceStorage, feeds: Map<Kind, Feed>) {
    this.#kind = kind;
    this.#feeds = feeds;
    this.#watcher = storage.watch(kind, {}, (events) => this.#tell(events));
  }

  /** One membership a call, even of one and the same function. */
  join(listener: Listener): Subscription {
    const member = new Member(this, listener);
    this.#members = this.#members.concat(member);
    return member;
  }

  leave(member: Member): void {
    this.#members = this.#members.filter((each) => each !== member);
    if (this.#members.length > 0) return;
    this.#watcher.cancel();
    if (this.#feeds.get(this.#kind) === this) this.#feeds.delete(this.#kind);
  }

  #tell(events: readonly StorageEvent[]): void {
    for (const each of events) {
      const event = resourceEvent(this.#kind, each);
      for (const member of this.#members) member.hear(event);
    }
  }
}

class Member implements Subscription {
  readonly #feed: Feed;
  #listener: Listener | undefined;

  constructor(feed: Feed, listener: Listener) {
    this.#feed = feed;
    this.#listener = listener;
  }

  hear(event: ResourceEvent): void {
    this.#listener?.(event);
  }

  cancel(): void {
    if (this.#listener === undefined) return;
    this.#listener = undefined;
    this.#feed.leave(this);
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
