import type { Socket } from 'socket.io';

/** Packets that may wait inside the connection before events wait in their subscription's queue. */
const CONNECTION_PACKETS_MAX = 64;
/** What a subscription's reader may be behind, besides what the subscription began with. */
export const SUBSCRIPTION_QUEUE_EVENTS_MAX = 1_000;

type Packet = () => void;

/** All that one connection has to say, in the order of each subscription, and no faster than its reader reads. */
export class ConnectionOutbox {
  readonly #socket: Socket;
  readonly #outboxes = new Set<SubscriptionOutbox>();
  readonly #drain = (): void => this.#sendWaiting();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.conn.on('drain', this.#drain);
  }

  get hasRoom(): boolean {
    // Engine.io's type leaves out the queue of packets that it publishes to its own transports.
    const { writeBuffer } = this.#socket.conn as unknown as { readonly writeBuffer: readonly unknown[] };
    return writeBuffer.length < CONNECTION_PACKETS_MAX;
  }

  open(onOverflow: () => void): SubscriptionOutbox {
    const outbox = new SubscriptionOutbox(this, onOverflow, () => this.#outboxes.delete(outbox));
    this.#outboxes.add(outbox);
    return outbox;
  }

  close(): void {
    this.#socket.conn.off('drain', this.#drain);
    for (const outbox of [...this.#outboxes]) outbox.close();
  }

  #sendWaiting(): void {
    for (const outbox of this.#outboxes) outbox.sendWaiting();
  }
}

/** One subscription's events on their way out: sent at once while the connection has room, queued up to a limit else. */
export class SubscriptionOutbox {
  readonly #connection: ConnectionOutbox;
  readonly #onOverflow: () => void;
  readonly #onClose: () => void;
  #packets: Packet[] = [];
  #head = 0;
  #limit = Infinity;
  #isClosed = false;

  constructor(connection: ConnectionOutbox, onOverflow: () => void, onClose: () => void) {
    this.#connection = connection;
    this.#onOverflow = onOverflow;
    this.#onClose = onClose;
    // The state that a subscription begins with comes in one piece, however large; from then on the reader must keep up.
    setImmediate(() => {
      this.#limit = this.#packets.length - this.#head + SUBSCRIPTION_QUEUE_EVENTS_MAX;
    });
  }

  send(packet: Packet): void {
    if (this.#isClosed) return;
    if (this.#head === this.#packets.length && this.#connection.hasRoom) return packet();
    this.#packets.push(packet);
    if (this.#packets.length - this.#head <= this.#limit) return;
    this.close();
    this.#onOverflow();
  }

  sendWaiting(): void {
    for (let next = this.#packets[this.#head]; next !== undefined && this.#connection.hasRoom;) {
      this.#head++;
      next();
      next = this.#packets[this.#head];
    }
    if (this.#head === this.#packets.length) {
      this.#packets = [];
      this.#head = 0;
    }
  }

  /** What waits is not sent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#packets = [];
    this.#head = 0;
    this.#onClose();
  }
}
