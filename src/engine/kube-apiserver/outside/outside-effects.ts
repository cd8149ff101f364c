import type { OutsideResult, OutsideWorld, WebhookRequest } from './outside-effect.js';

/** Effects that may be under way at a time; further ones fail at once. */
const PENDING_MAX = 1_000;

type Done = (result: OutsideResult) => void;

/** The effects of one cluster that are under way. */
export class OutsideEffects {
  readonly #world: OutsideWorld | undefined;
  readonly #pending = new Map<number, Done>();
  #lastId = 0;

  /** Without a world nothing outside can be reached. */
  constructor(world: OutsideWorld | undefined) {
    this.#world = world;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  serviceUrl(service: string): string | undefined {
    return this.#world?.serviceUrl(service);
  }

  /** `done` is called once: later, or at once where nothing can be done. */
  call(payload: WebhookRequest, done: Done): void {
    if (this.#world === undefined) return done({ fault: 'connect: network is unreachable' });
    if (this.#pending.size >= PENDING_MAX) return done({ fault: 'connect: too many calls are under way' });
    const id = ++this.#lastId;
    this.#pending.set(id, done);
    this.#world.perform({ id, kind: 'webhook', payload });
  }

  /** The result of an effect. One of an earlier run of the cluster is nobody's any more. */
  settle(id: number, result: OutsideResult): void {
    const done = this.#pending.get(id);
    this.#pending.delete(id);
    done?.(result);
  }
}
