import type { UserInfo } from '../machinery/user.js';
import type { ForwardedRequest } from './aggregation/forwarded-request.js';
import type { Impersonation } from './authentication/impersonation.js';
import type { WireConnection } from './connect/wire-connection.js';

/** One HTTP request to a cluster, as hosting hands it in. */
export interface WireRequest {
  readonly method: string;
  /** Below the cluster's root, beginning with `/`, still percent-encoded. */
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Empty when there is none. */
  readonly body: Uint8Array;
  readonly user: UserInfo;
  /** A bearer token that only the cluster can judge: whose it is decides over `user`. */
  readonly token?: string | undefined;
  /** Credentials were shown that are nobody's: the request is refused. */
  readonly isStranger?: boolean | undefined;
  /** By which the audit log knows it; made up where nobody gave one. */
  readonly auditID?: string | undefined;
  /** The other end of the connection: looked at only where it is told of. */
  readonly peer?: { readonly remoteAddress?: string | undefined } | undefined;
  /** Whom the user asks to be taken for. */
  readonly impersonation?: Impersonation | undefined;
}

export interface WireHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export interface WireResponse extends WireHead {
  /** The parts of the body in order: lists are joins of cached bytes. */
  readonly body: readonly Uint8Array[];
  /** The newest revision that the answer shows: it must be durable before the answer leaves the process. */
  readonly revision: number;
}

/** Where a streamed answer goes. Each chunk may leave once its revision is durable; order is kept. */
export interface WireStream {
  write(chunk: Uint8Array, revision: number): void;
  end(): void;
}

/** Exactly one of the two is called, once: at once, or later where an outside effect must be awaited. */
export interface WireReply {
  /** Whether `whenOut` is called; where it is not, an answer counts as out at once. */
  readonly tellsWhenOut?: boolean;
  /** `whenOut` is called when the answer has left, unless the request is cancelled before. */
  respond(response: WireResponse, whenOut?: () => void): void;
  stream(head: WireHead): WireStream;
  /**
   * The request may switch protocols; called only where the reply has it, which says that the client asks to. Nothing has
   * been started yet: the carrier agrees on a protocol with the client first.
   */
  connect?(connection: WireConnection): Pick<WireStream, 'end'>;
  /** A server outside answers in the cluster's place: the carrier passes on what the client sends, and what comes back. */
  forward?(request: ForwardedRequest): Pick<WireStream, 'end'>;
}

export interface WireCall {
  /** The client went away: watches end, nothing more is written. */
  cancel(): void;
}
