import type { Duration } from '../../kernel/clock.js';
import { minutes } from '../../kernel/clock.js';
import type { Simulation, Timer } from '../../kernel/simulation.js';
import { CompactedError } from '../../etcd/errors.js';
import type { Watcher } from '../../etcd/watch-hub.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import type { Subscription } from '../../machinery/resource-api.port.js';
import { resourceExpired, type StatusError } from '../../machinery/status-error.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { Item } from '../encoding/list-body.js';
import type { Conversions } from '../custom-resources/conversions.js';
import type { KindRegistry } from '../kind-registry.js';
import type { Heartbeats } from '../reads/heartbeats.js';
import { tooLargeResourceVersion } from '../reads/resource-version.js';
import type { Selection } from '../reads/selection.js';
import type { ResourceStorage, StorageEvent, StoredEntry } from '../storage/resource-storage.js';
import { ConvertedEvents } from './converted-events.js';
import type { WatchChange, WatchOutput } from './watch-output.js';

/** What is watched, and from where on. */
export interface WatchPlan {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly selection: Selection;
  /**
   * `state`: the present objects first, at least as new as `atLeast`; `now`: only what is to come;
   * a revision: everything after it.
   */
  readonly from:
    | { readonly type: 'state'; readonly atLeast: number }
    | { readonly type: 'now' }
    | { readonly type: 'after'; readonly revision: number };
  readonly allowsBookmarks: boolean;
  /** Ends by itself after so long; never unless given. */
  readonly timeout: Duration | undefined;
  /** Called once when the watch is over. */
  readonly onOver?: (() => void) | undefined;
}

export interface WatchParts {
  readonly storage: ResourceStorage;
  readonly registry: KindRegistry;
  readonly simulation: Simulation;
  readonly heartbeats: Heartbeats;
  readonly text: TextCodec;
  readonly conversions?: Conversions | undefined;
}

/**
 * How long after a change a watch that allows bookmarks is told how far it has got: upstream's minute. A watch in whose
 * range nothing happens gets none, for it would learn nothing but that time passes, and a quiet cluster plans nothing.
 */
const BOOKMARK_DELAY = minutes(1);

/** One running watch. It costs a subscription, and a timer where it has a timeout or owes a bookmark. */
export class WatchSession {
  readonly #plan: WatchPlan;
  readonly #parts: WatchParts;
  readonly #output: WatchOutput;
  #watcher: Watcher | undefined;
  #timeout: Timer | undefined;
  #bookmark: Timer | undefined;
  #kinds: Subscription | undefined;
  /** Only where a webhook makes what is watched. */
  #queue: ConvertedEvents | undefined;
  #isOver = false;

  constructor(plan: WatchPlan, parts: WatchParts, output: WatchOutput) {
    this.#plan = plan;
    this.#parts = parts;
    this.#output = output;
  }

  /** Sends what there is already and subscribes to the rest. */
  start(): void {
    const { plan, parts } = { plan: this.#plan, parts: this.#parts };
    const head = parts.storage.revision;
    if (plan.timeout !== undefined) {
      this.#timeout = parts.simulation.after(plan.timeout, () => this.#finish());
    }
    // What is no longer served as it was ends its watches: clients begin anew.
    if (plan.kind.custom !== undefined) {
      this.#kinds = parts.registry.subscribe(({ removed }) => {
        if (removed.includes(plan.kind)) parts.simulation.soon(() => this.#finish());
      });
    }
    switch (plan.from.type) {
      case 'state':
        if (plan.from.atLeast > head) return this.#fail(tooLargeResourceVersion(String(plan.from.atLeast), head));
        return this.#whenConverted(() => {
          const revision = parts.storage.revision;
          this.#sendState(revision);
          this.#subscribe(revision + 1);
        });
      case 'now':
        return this.#subscribe(head + 1);
      case 'after':
        return this.#subscribe(plan.from.revision + 1);
    }
  }

  /** The present objects may have to be converted first. */
  #whenConverted(next: () => void): void {
    const { conversions } = this.#parts;
    const { kind } = this.#plan;
    if (conversions === undefined) return next();
    conversions.ready(
      kind,
      () => this.#entries(),
      (error) => {
        if (this.#isOver) return;
        if (error === undefined) next();
        else this.#fail(error);
      },
    );
  }

  /** The watcher went away: nothing more is sent. */
  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watcher?.cancel();
    this.#timeout?.cancel();
    this.#bookmark?.cancel();
    this.#kinds?.cancel();
    this.#plan.onOver?.();
  }

  #sendState(revision: number): void {
    this.#output.initial(this.#state(), revision);
    if (this.#plan.allowsBookmarks && !this.#isOver) this.#output.bookmark(revision, true);
  }

  *#state(): Iterable<Item> {
    const { kind, selection } = this.#plan;
    for (const entry of this.#entries()) {
      if (!selection.isEverything && !selection.shows(entry.object)) continue;
      yield this.#parts.heartbeats.shown(kind, entry);
    }
  }

  #entries(): readonly StoredEntry[] {
    const { kind, namespace } = this.#plan;
    const key = this.#onlyKey();
    if (key === undefined) return this.#parts.storage.range(kind, { namespace }).entries;
    const entry = this.#parts.storage.get(kind, key);
    return entry === undefined ? [] : [entry];
  }

  #subscribe(startRevision: number): void {
    const { kind, namespace } = this.#plan;
    const { storage } = this.#parts;
    const key = this.#onlyKey();
    try {
      const watcher = storage.watch(kind, { namespace, key, startRevision }, this.#listener());
      // The replay of the past may have ended this watch already.
      if (this.#isOver) watcher.cancel();
      else this.#watcher = watcher;
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      const oldest = Math.max(error.compactedRevision - 1, 0);
      this.#fail(resourceExpired(`too old resource version: ${startRevision - 1} (${oldest})`));
    }
  }

  #listener(): (events: readonly StorageEvent[]) => void {
    const { storage, simulation, conversions } = this.#parts;
    const { kind } = this.#plan;
    if (conversions === undefined || kind.custom?.converter === undefined) return (events) => this.#take(events);
    const tell = (events: readonly StorageEvent[]): void => this.#take(events);
    const fail = (): void => this.#finish();
    const queue = new ConvertedEvents({ kind, storage, simulation, conversions }, { tell, fail });
    this.#queue = queue;
    return (events) => queue.take(events);
  }

  #take(events: readonly StorageEvent[]): void {
    for (const event of events) {
      if (this.#isOver) return;
      const change = changeOf(event, this.#plan.selection, this.#parts.text);
      if (change !== undefined) this.#output.change(change);
    }
    if (this.#plan.allowsBookmarks && !this.#isOver) {
      this.#bookmark ??= this.#parts.simulation.after(BOOKMARK_DELAY, () => this.#sendBookmark());
    }
  }

  #sendBookmark(): void {
    this.#bookmark = undefined;
    // What is still to be told brings another one.
    if (this.#queue?.isBehind === true) return;
    this.#output.bookmark(this.#parts.storage.revision, false);
  }

  #fail(error: StatusError): void {
    this.#output.fail(error.status, this.#parts.storage.revision);
    this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.cancel();
    this.#output.end();
  }

  /** A watch by name is subscribed to one key, so that the changes of other objects never reach it. */
  #onlyKey(): string | undefined {
    const { kind, namespace, selection } = this.#plan;
    const { name } = selection;
    if (name === undefined || name === '') return undefined;
    if (kind.scope === 'Cluster') return name;
    return namespace === undefined ? undefined : `${namespace}/${name}`;
  }
}

/** What a change is to a watch: an object that comes to be selected is added to it, one that ceases to be is deleted. */
function changeOf(event: StorageEvent, selection: Selection, text: TextCodec): WatchChange | undefined {
  const { entry, previous, revision } = event;
  const isShown = entry !== undefined && (selection.isEverything || selection.shows(entry.object));
  const wasShown = previous !== undefined && (selection.isEverything || selection.shows(previous.object));
  if (isShown) return { type: wasShown ? 'MODIFIED' : 'ADDED', key: entry.key, revision, item: () => entry };
  if (!wasShown) return undefined;
  return { type: 'DELETED', key: previous.key, revision, item: () => lastSeen(previous, revision, text) };
}

/** The object as it last was, at the revision of the change that took it away. */
function lastSeen(previous: StoredEntry, revision: number, text: TextCodec): Item {
  const { metadata, ...rest } = previous.object;
  const { kind, apiVersion, ...content } = rest;
  const object: KubeObject = {
    kind,
    apiVersion,
    metadata: { ...metadata, resourceVersion: String(revision) },
    ...content,
  };
  return { object, bytes: text.encode(JSON.stringify(object)) };
}
