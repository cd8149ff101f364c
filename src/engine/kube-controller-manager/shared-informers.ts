import type { Client } from '../client/client.js';
import type { Informer, InformerHandler } from '../client/informer.js';
import type { Kind } from '../machinery/kind.js';
import type { KubeObject } from '../machinery/object.js';

/** One informer a kind, however many controllers listen: a change is taken up once and told in the controllers' order. */
export class SharedInformers {
  readonly #client: Client;
  readonly #handlers = new Map<Kind, InformerHandler<KubeObject>[]>();
  #informers: Informer<KubeObject>[] = [];

  constructor(client: Client) {
    this.#client = client;
  }

  /** To be called before `start`; a handler hears of every object there is, then of every change. */
  watch<T extends KubeObject>(kind: Kind<T>, handler: InformerHandler<T>): void {
    const known = this.#handlers.get(kind);
    if (known === undefined) this.#handlers.set(kind, [handler]);
    else known.push(handler);
  }

  start(): void {
    for (const [kind, handlers] of this.#handlers) this.#informers.push(this.#client.watch(kind, together(handlers)));
  }

  stop(): void {
    for (const informer of this.#informers) informer.stop();
    this.#informers = [];
    this.#handlers.clear();
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
