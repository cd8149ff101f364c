import type { Duration } from '../kernel/clock.js';
import type { Simulation, Timer } from '../kernel/simulation.js';
import type { Kind } from '../machinery/kind.js';
import type { KubeObject } from '../machinery/object.js';
import type { ResourceApi, ResourceEvent, Subscription } from '../machinery/resource-api.port.js';

export interface InformerHandler<T extends KubeObject> {
  added?(object: T): void;
  modified?(object: T, previous: T): void;
  deleted?(object: T): void;
}

export interface InformerOptions {
  readonly api: ResourceApi;
  readonly simulation: Simulation;
  readonly propagation: Duration;
}

/** Events of one informer that are handled in one turn; the rest waits for the next, so that no storm holds the loop. */
const EVENTS_PER_TURN_MAX = 8;

/** Tells a component of every object of a kind: those that exist first, then each change in revision order. */
export class Informer<T extends KubeObject> {
  readonly #options: InformerOptions;
  readonly #handler: InformerHandler<T>;
  readonly #subscription: Subscription;
  #pending: ResourceEvent<T>[] = [];
  #turn: Timer | undefined;
  #stopped = false;

  constructor(options: InformerOptions, kind: Kind<T>, handler: InformerHandler<T>) {
    this.#options = options;
    this.#handler = handler;
    const { api } = options;
    for (const object of api.list(kind)) this.#enqueue({ type: 'added', kind, object, revision: 0 });
    this.#subscription = api.subscribe(kind, (event) => this.#enqueue(event));
  }

  stop(): void {
    this.#stopped = true;
    this.#subscription.cancel();
    this.#turn?.cancel();
    this.#pending = [];
  }

  #enqueue(event: ResourceEvent<T>): void {
    this.#pending.push(event);
    const { simulation, propagation } = this.#options;
    this.#turn ??= simulation.after(propagation, () => this.#deliver());
  }

  #deliver(): void {
    this.#turn = undefined;
    const events = this.#pending.splice(0, EVENTS_PER_TURN_MAX);
    if (this.#pending.length > 0) this.#turn = this.#options.simulation.soon(() => this.#deliver());
    for (const event of events) {
      if (this.#stopped) return;
      this.#handle(event);
    }
  }

  #handle(event: ResourceEvent<T>): void {
    const handler = this.#handler;
    if (event.type === 'added') handler.added?.(event.object);
    else if (event.type === 'deleted') handler.deleted?.(event.object);
    else handler.modified?.(event.object, event.previous ?? event.object);
  }
}
