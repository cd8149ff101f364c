import type { Duration } from '../../kernel/clock.js';
import type { Simulation, Timer } from '../../kernel/simulation.js';
import { StatusError } from '../../machinery/status-error.js';
import type { Watcher } from '../../etcd/watch-hub.js';
import type { ForwardedRequest } from '../aggregation/forwarded-request.js';
import type { WireConnection } from '../connect/wire-connection.js';
import type { ResourceStorage } from '../storage/resource-storage.js';
import type { WireCall, WireHead, WireReply, WireResponse, WireStream } from '../wire.js';
import type { ClusterAuthentication } from './cluster-authentication.js';

export interface GuardParts {
  readonly storage: ResourceStorage;
  readonly simulation: Simulation;
  readonly authentication: ClusterAuthentication;
}

/**
 * Ends what was opened with a token once the token is no longer good: when its time is over, or when its account, its
 * Secret, its pod or its node has gone. Upstream lets such streams run until they time out. It costs the objects that the
 * token rests on a subscription each, and only while a stream is open.
 */
export class GuardedReply implements WireReply, WireCall {
  readonly #parts: GuardParts;
  readonly #token: string;
  readonly #reply: WireReply;
  readonly #watchers: Watcher[] = [];
  /** Absent where the client does not ask to switch protocols. */
  readonly connect?: NonNullable<WireReply['connect']>;
  /** Absent where nothing carries requests to servers outside. */
  readonly forward?: NonNullable<WireReply['forward']>;
  #timer: Timer | undefined;
  #stream: Pick<WireStream, 'end'> | undefined;
  #call: WireCall | undefined;
  #isOver = false;

  constructor(parts: GuardParts, token: string, reply: WireReply) {
    this.#parts = parts;
    this.#token = token;
    this.#reply = reply;
    if (reply.connect !== undefined) this.connect = (connection) => this.#connect(connection);
    if (reply.forward !== undefined) this.forward = (request) => this.#forward(request);
  }

  /** What the handler made of the request. */
  guard(call: WireCall): WireCall {
    this.#call = call;
    return this;
  }

  respond(response: WireResponse): void {
    this.#reply.respond(response);
  }

  stream(head: WireHead): WireStream {
    const stream = this.#reply.stream(head);
    this.#begin(stream);
    return {
      write: (chunk, revision) => stream.write(chunk, revision),
      end: () => {
        this.#release();
        stream.end();
      },
    };
  }

  cancel(): void {
    this.#release();
    this.#call?.cancel();
  }

  #connect(connection: WireConnection): Pick<WireStream, 'end'> {
    const stream = this.#reply.connect?.(connection) ?? { end: () => undefined };
    this.#begin(stream);
    return stream;
  }

  #forward(request: ForwardedRequest): Pick<WireStream, 'end'> {
    const stream = this.#reply.forward?.(request) ?? { end: () => undefined };
    this.#begin(stream);
    return stream;
  }

  #begin(stream: Pick<WireStream, 'end'>): void {
    const { storage, simulation, authentication } = this.#parts;
    const { objects, end } = authentication.restsOn(this.#token);
    this.#stream = stream;
    const startRevision = storage.revision + 1;
    for (const { kind, namespace, key } of objects) {
      const watcher = storage.watch(kind, { namespace, key, startRevision }, () => this.#judge());
      this.#watchers.push(watcher);
    }
    if (end !== undefined) {
      // The token is good up to this instant, and not a millisecond longer.
      const wait = Math.max(0, end - simulation.now) + 1;
      this.#timer = simulation.after(wait as Duration, () => this.#judge());
    }
  }

  #judge(): void {
    if (this.#isOver || this.#isGood()) return;
    this.#release();
    // Not in the midst of the change that did it.
    this.#parts.simulation.soon(() => {
      this.#call?.cancel();
      this.#stream?.end();
    });
  }

  #isGood(): boolean {
    try {
      this.#parts.authentication.userOf(this.#token);
      return true;
    } catch (error) {
      if (error instanceof StatusError) return false;
      throw error;
    }
  }

  #release(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    for (const watcher of this.#watchers.splice(0)) watcher.cancel();
  }
}
