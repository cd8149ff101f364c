import { OUTSIDE, type Bagged } from '../engine/kernel/bag.js';
import type { ForwardedRequest } from '../engine/kube-apiserver/aggregation/forwarded-request.js';
import type { WireConnection } from '../engine/kube-apiserver/connect/wire-connection.js';
import type { WireCall, WireHead, WireReply, WireResponse, WireStream } from '../engine/kube-apiserver/wire.js';
import type { StatusError } from '../engine/machinery/status-error.js';
import type { DurabilityGate } from './durability-gate.js';
import { enteringConnection, enteringForward, type ClusterEntrance } from './entering-connection.js';
import { statusResponse } from './status-response.js';

type Phase = 'waiting' | 'held' | 'streaming' | 'over';

/**
 * One request between a client and its cluster. It stands in for the client's reply, holding every answer and chunk back
 * until it is durable, and ends the request in an orderly way when the cluster fails, is removed, or the client goes.
 */
export class Exchange implements WireReply, WireStream, WireCall, Bagged {
  slot = OUTSIDE;
  readonly tellsWhenOut = true;
  readonly #reply: WireReply;
  readonly #onOver: (exchange: Exchange) => void;
  readonly #entrance: ClusterEntrance;
  /** Absent where the client does not ask to switch protocols. */
  readonly connect?: NonNullable<WireReply['connect']>;
  /** Absent where nothing carries requests to servers outside. */
  readonly forward?: NonNullable<WireReply['forward']>;
  #gate: DurabilityGate | undefined;
  #stream: (Pick<WireStream, 'end'> & Partial<WireStream>) | undefined;
  /** The newest revision that this stream has written: an older chunk after it must not overtake. */
  #streamRevision = 0;
  #call: WireCall | undefined;
  #phase: Phase = 'waiting';

  constructor(reply: WireReply, entrance: ClusterEntrance, onOver: (exchange: Exchange) => void) {
    this.#reply = reply;
    this.#entrance = entrance;
    this.#onOver = onOver;
    if (reply.connect !== undefined) this.connect = (connection) => this.#connect(connection);
    if (reply.forward !== undefined) this.forward = (request) => this.#forward(request);
  }

  get isOver(): boolean {
    return this.#phase === 'over';
  }

  /** Hands the request to the cluster. */
  start(gate: DurabilityGate, begin: (reply: WireReply) => WireCall): void {
    if (this.#phase === 'over') return;
    this.#gate = gate;
    const call = begin(this);
    // A reply that came at once leaves nothing to cancel, unless it is a stream.
    if (!this.isOver) this.#call = call;
  }

  respond(response: WireResponse, whenOut?: () => void): void {
    if (this.#phase !== 'waiting') return;
    this.#phase = 'held';
    this.#gate?.pass(response.revision, (isDurable) => {
      if (this.#phase !== 'held') return;
      if (!isDurable) return;
      this.#finish();
      this.#reply.respond(response);
      whenOut?.();
    });
  }

  stream(head: WireHead): WireStream {
    if (this.#phase !== 'waiting') return this;
    this.#phase = 'streaming';
    this.#stream = this.#reply.stream(head);
    return this;
  }

  write(chunk: Uint8Array, revision: number): void {
    if (this.#phase !== 'streaming') return;
    this.#streamRevision = Math.max(this.#streamRevision, revision);
    if (this.#gate?.isOpenFor(this.#streamRevision) === true) this.#stream?.write?.(chunk, revision);
    else this.#gate?.pass(this.#streamRevision, (isDurable) => this.#writeHeld(isDurable, chunk, revision));
  }

  end(): void {
    this.#gate?.pass(this.#streamRevision, () => {
      if (this.#phase !== 'streaming') return;
      this.#finish();
      this.#stream?.end();
    });
  }

  /** The client went away. */
  cancel(): void {
    if (this.#phase === 'over') return;
    const call = this.#call;
    this.#finish();
    call?.cancel();
  }

  /** The cluster can say no more: an answer that is still owed is this error, a stream ends. */
  abort(error: StatusError): void {
    const phase = this.#phase;
    if (phase === 'over') return;
    this.#finish();
    if (phase === 'streaming') this.#stream?.end();
    else this.#reply.respond(statusResponse(error));
  }

  #writeHeld(isDurable: boolean, chunk: Uint8Array, revision: number): void {
    if (isDurable && this.#phase === 'streaming') this.#stream?.write?.(chunk, revision);
  }

  /** What a session prints shows no revision: it leaves as it comes. */
  #connect(connection: WireConnection): Pick<WireStream, 'end'> {
    if (this.#phase !== 'waiting') return this;
    this.#phase = 'streaming';
    // The carrier calls back into the cluster, so not before the cluster has finished with the request.
    setImmediate(() => {
      if (this.#phase === 'streaming')
        this.#stream = this.#reply.connect?.(enteringConnection(connection, this.#entrance));
    });
    return this;
  }

  /** What a server outside answers shows no revision either. */
  #forward(request: ForwardedRequest): Pick<WireStream, 'end'> {
    if (this.#phase !== 'waiting') return this;
    this.#phase = 'streaming';
    this.#stream = this.#reply.forward?.(enteringForward(request, this.#entrance));
    return this;
  }

  #finish(): void {
    this.#phase = 'over';
    this.#call = undefined;
    this.#onOver(this);
  }
}
