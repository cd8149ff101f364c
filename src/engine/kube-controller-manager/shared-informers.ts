import type { Client } from '../client/client.js';
import type { Informer, InformerHandler } from '../client/informer.js';
import type { Kind } from '../machinery/kind.js';
import type { KubeObject } from '../machinery/object.js';
import type { Subscription } from '../machinery/resource-api.port.js';

/** What a controller does about kinds that it did not know when it was started. */
export interface CustomKindListener {
  /** The kind begins to be served. */
  served?(kind: Kind): void;
  /** Asked for when there is an object of the kind to tell of, which of most kinds there never is. */
  handlerOf(kind: Kind): InformerHandler<KubeObject>;
}

/** One informer a kind, however many controllers listen: a change is taken up once and told in the controllers' order. */
export class SharedInformers {
  readonly #client: Client;
  readonly #handlers = new Map<Kind, InformerHandler<KubeObject>[]>();
  readonly #customListeners: CustomKindListener[] = [];
  /** Of the kinds that the cluster has defined itself, by resource: another version of one is no other resource. */
  readonly #custom = new Map<string, { readonly kind: Kind; readonly informer: Informer<KubeObject> }>();
  #informers: Informer<KubeObject>[] = [];
  #kinds: Subscription | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** To be called before `start`; a handler hears of every object there is, then of every change. */
  watch<T extends KubeObject>(kind: Kind<T>, handler: InformerHandler<T>): void {
    const known = this.#handlers.get(kind);
    if (known === undefined) this.#handlers.set(kind, [handler]);
    else known.push(handler);
  }

  /** The same for every kind that the cluster defines itself, one version each, from when it is served to when it is not. */
  watchCustom(listener: CustomKindListener): void {
    this.#customListeners.push(listener);
  }

  /** The custom kinds that are watched, one version each. */
  get customKinds(): readonly Kind[] {
    return Array.from(this.#custom.values(), ({ kind }) => kind);
  }

  start(): void {
    for (const [kind, handlers] of this.#handlers) this.#informers.push(this.#client.watch(kind, together(handlers)));
    this.#kinds = this.#client.watchKinds(() => this.#followKinds());
    this.#followKinds();
  }

  stop(): void {
    this.#kinds?.cancel();
    for (const informer of this.#informers) informer.stop();
    for (const { informer } of this.#custom.values()) informer.stop();
    this.#informers = [];
    this.#custom.clear();
    this.#handlers.clear();
    this.#customListeners.length = 0;
  }

  #followKinds(): void {
    if (this.#customListeners.length === 0) return;
    const served = new Map<string, Kind>();
    for (const kind of this.#client.customKinds()) {
      const resource = `${kind.plural}.${kind.group}`;
      if (!served.has(resource)) served.set(resource, kind);
    }
    for (const [resource, { informer }] of this.#custom) {
      if (served.has(resource)) continue;
      informer.stop();
      this.#custom.delete(resource);
    }
    for (const [resource, kind] of served) {
      if (this.#custom.has(resource)) continue;
      for (const listener of this.#customListeners) listener.served?.(kind);
      const informer = this.#client.watch(kind, new CustomKindHandler(kind, this.#customListeners));
      this.#custom.set(resource, { kind, informer });
    }
  }
}

/** A cluster may define hundreds of kinds: what tells controllers of their objects is made when there are any. */
class CustomKindHandler implements InformerHandler<KubeObject> {
  readonly #kind: Kind;
  readonly #listeners: readonly CustomKindListener[];
  #handler: InformerHandler<KubeObject> | undefined;

  constructor(kind: Kind, listeners: readonly CustomKindListener[]) {
    this.#kind = kind;
    this.#listeners = listeners;
  }

  added(object: KubeObject): void {
    this.#all.added?.(object);
  }

  modified(object: KubeObject, previous: KubeObject): void {
    this.#all.modified?.(object, previous);
  }

  deleted(object: KubeObject): void {
    this.#all.deleted?.(object);
  }

  get #all(): InformerHandler<KubeObject> {
    return (this.#handler ??= together(this.#listeners.map((listener) => listener.handlerOf(this.#kind))));
  }
}

const together = (handlers: readonly InformerHandler<KubeObject>[]): InformerHandler<KubeObject> => ({
  added(object) {
    for (const handler of handlers) handler.added?.(object);
  },
  modified(object, previous) {
    for (const handler of handlers) handler.modified?.(object, previous);
  },
  deleted(object) {
    for (const handler of handlers) handler.deleted?.(object);
  },
});
