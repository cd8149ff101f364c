import { OUTSIDE } from '../../kernel/bag.js';
import type { ForwardedRequest } from '../aggregation/forwarded-request.js';
import { requestAttributes } from '../authorization/request-attributes.js';
import type { AuthorizationAttributes } from '../authorizer.port.js';
import type { RequestContext } from '../request-context.js';
import type { WireHead, WireReply, WireResponse, WireStream } from '../wire.js';
import type { Flow } from './flow.js';
import type { Place, Queue } from './queue.js';
import type { WatchCounts } from './watch-counts.js';
import { ONE_SEAT, type Work } from './work.js';

/** Who keeps the seats. */
export interface Usher {
  /** A request that goes on beyond this instant takes its seats. */
  hold(turn: Turn): void;
  /** A request is over, in whichever way: what it held goes free. */
  leave(turn: Turn): void;
}

/** `passing`: executed at once, and so far nobody need know; `seated`: executed, holding seats. */
export type TurnState = 'passing' | 'waiting' | 'seated' | 'refused' | 'over';

/** One request's way through flow control. Whoever executes it answers through here. */
export class Turn implements Place {
  slot = OUTSIDE;
  readonly flow: Flow;
  state: TurnState = 'passing';
  work: Work = ONE_SEAT;
  arrivedAt = 0;
  arrivalProgress = 0;
  startedAt: number | undefined;
  queue: Queue | undefined;
  /** Given to one that waits: executes it. */
  onBegin: (() => void) | undefined;
  /** Given to one that waits: refuses it before its time. */
  onExpired: (() => void) | undefined;
  /** For the end of the watch that it began. */
  forgetWatch: (() => void) | undefined;
  readonly #usher: Usher;
  readonly #context: RequestContext;
  #asked: AuthorizationAttributes | undefined;

  /** @param asked may be left out: of most requests, which are the administrator's, nothing need be known. */
  constructor(flow: Flow, context: RequestContext, asked: AuthorizationAttributes | undefined, usher: Usher) {
    this.flow = flow;
    this.#context = context;
    this.#asked = asked;
    this.#usher = usher;
  }

  /** What is asked for. */
  get asked(): AuthorizationAttributes {
    const { request, query, user } = this.#context;
    return (this.#asked ??= requestAttributes(request, query, user));
  }

  begin(): void {
    this.state = 'seated';
    this.onBegin?.();
    this.onBegin = undefined;
  }

  /** Answers. The seats are held until the answer is out, where whoever carries it can tell. */
  respond(reply: WireReply, response: WireResponse): void {
    const shown = this.#classified(response);
    if (this.state !== 'refused' && reply.tellsWhenOut === true) {
      reply.respond(shown, this.#leave);
      return;
    }
    reply.respond(shown);
    this.#leave();
  }

  /** A reply for whoever answers by himself. What is streamed has its seats only until it has begun. */
  answering(reply: WireReply): WireReply {
    return {
      ...(reply.connect === undefined ? {} : { connect: (connection) => reply.connect!(connection) }),
      ...(reply.forward === undefined
        ? {}
        : { forward: (request) => this.#forward(reply.forward!(this.#told(request))) }),
      respond: (response) => this.respond(reply, response),
      stream: (head) => {
        const stream: WireStream = reply.stream(this.#classified(head));
        this.#leave();
        return stream;
      },
    };
  }

  /** The same for a watch, which counts as one from its beginning to its end. */
  watching(reply: WireReply, watches: WatchCounts): WireReply {
    const answering = this.answering(reply);
    return {
      ...answering,
      stream: (head) => {
        this.forgetWatch = watches.add(this.asked);
        return answering.stream(head);
      },
    };
  }

  /** What is still under way when its handler returns holds its seats from now on. */
  settle(): void {
    if (this.state === 'passing') this.#usher.hold(this);
  }

  /** The client went away. */
  cancel(): void {
    this.#leave();
  }

  get isOver(): boolean {
    return this.state === 'over';
  }

  #told(request: ForwardedRequest): ForwardedRequest {
    return { ...request, answerHeaders: this.flow.headers };
  }

  /** A watch of another server's has begun with that; all else holds its seats until the client has the answer. */
  #forward<Ending>(ending: Ending): Ending {
    if (this.asked.verb === 'watch') this.#leave();
    return ending;
  }

  readonly #leave = (): void => {
    if (this.state !== 'over') this.#usher.leave(this);
  };

  #classified<Head extends WireHead>(head: Head): Head {
    return { ...head, headers: { ...head.headers, ...this.flow.headers } };
  }
}
