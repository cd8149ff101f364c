import { OUTSIDE, type Bagged } from '../engine/kernel/bag.js';
import type { WireCall } from '../engine/kube-apiserver/wire.js';
import type { Status, StatusError } from '../engine/machinery/status-error.js';
import type { DurabilityGate } from './durability-gate.js';

/** Where events of a cluster go that show it as it is at a revision. */
export interface EventSink<Event extends { readonly revision: number }> {
  event(event: Event): void;
  /** The end. */
  error(status: Status): void;
}

/** What somebody follows in a cluster: events wait until they are durable, in order. */
export class ObjectExchange<Event extends { readonly revision: number }> implements EventSink<Event>, WireCall, Bagged {
  slot = OUTSIDE;
  readonly #sink: EventSink<Event>;
  readonly #onOver: (exchange: ObjectExchange<Event>) => void;
  #gate: DurabilityGate | undefined;
  #call: WireCall | undefined;
  /** The newest revision handed over: what comes after it must not overtake. */
  #revision = 0;
  #isOver = false;

  constructor(sink: EventSink<Event>, onOver: (exchange: ObjectExchange<Event>) => void) {
    this.#sink = sink;
    this.#onOver = onOver;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  start(gate: DurabilityGate, begin: (sink: EventSink<Event>) => WireCall): void {
    if (this.#isOver) return;
    this.#gate = gate;
    const call = begin(this);
    if (this.#isOver) call.cancel();
    else this.#call = call;
  }

  event(event: Event): void {
    this.#revision = Math.max(this.#revision, event.revision);
    this.#gate?.pass(this.#revision, (isDurable) => {
      if (isDurable && !this.#isOver) this.#sink.event(event);
    });
  }

  error(status: Status): void {
    this.#gate?.pass(this.#revision, (isDurable) => {
      if (isDurable) this.#end(() => this.#sink.error(status));
    });
  }

  /** The client has had enough. */
  cancel(): void {
    this.#end(() => undefined);
  }

  /** The cluster can say no more. */
  abort({ status }: StatusError): void {
    this.#end(() => this.#sink.error(status));
  }

  #end(last: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const call = this.#call;
    this.#call = undefined;
    this.#onOver(this);
    call?.cancel();
    last();
  }
}
