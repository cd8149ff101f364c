import type { WireCall } from '../engine/kube-apiserver/wire.js';
import type { Status } from '../engine/machinery/status-error.js';
import type { StreamConnection } from './stream-connections.js';
import type { SubscriptionOutbox } from './subscription-outbox.js';

/** What `subscribe` and `unsubscribe` are acknowledged with. */
export type Answer =
  { readonly subscription: string } | { readonly error: { readonly code: number; readonly message: string } };

export type Acknowledge = (answer: Answer) => void;

/** Puts one subscription's events on its connection, after the acknowledgement that names it. */
export class Subscription {
  readonly #id: string;
  readonly #connection: StreamConnection;
  readonly #answer: Acknowledge;
  readonly #outbox: SubscriptionOutbox;
  #call: WireCall | undefined;
  #isAcknowledged = false;

  constructor(connection: StreamConnection, answer: Acknowledge) {
    this.#id = String(connection.nextSubscription++);
    this.#connection = connection;
    this.#answer = answer;
    this.#outbox = connection.outbox.open(() => this.#end(410, 'the reader is too slow: subscribe anew'));
    connection.subscriptions.set(this.#id, this);
  }

  /** What it follows stands, or was refused already. */
  opened(call: WireCall): void {
    if (!this.#connection.subscriptions.has(this.#id)) return call.cancel();
    this.#call = call;
    this.#acknowledge();
  }

  /** `make` says what the event carries, when there is room for it. */
  send(make: () => readonly [name: string, payload: object]): void {
    this.#acknowledge();
    this.#outbox.send(() => {
      const [name, payload] = make();
      this.#connection.socket.emit(name, { subscription: this.#id, ...payload });
    });
  }

  error({ code = 500, message = '' }: Status): void {
    if (this.#isAcknowledged) this.#outbox.send(() => this.#end(code, message));
    else {
      this.#forget();
      this.#answer({ error: { code, message } });
    }
  }

  /** Nobody wants it any more. */
  cancel(): void {
    this.#outbox.close();
    this.#call?.cancel();
  }

  #acknowledge(): void {
    if (this.#isAcknowledged) return;
    this.#isAcknowledged = true;
    this.#answer({ subscription: this.#id });
  }

  #end(code: number, message: string): void {
    this.#connection.socket.emit('error', { subscription: this.#id, code, message });
    this.#forget();
  }

  #forget(): void {
    this.#connection.subscriptions.delete(this.#id);
    this.cancel();
  }
}
