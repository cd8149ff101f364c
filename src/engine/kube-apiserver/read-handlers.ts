import type { Kind } from '../machinery/kind.js';
import type { KubeObject } from '../machinery/object.js';
import type { Status } from '../machinery/status-error.js';
import type { StatusError } from '../machinery/status-error.js';
import type { RequestContext, ResourceRequest } from './request-context.js';
import type { OtherTarget } from './routing.js';
import type { WireCall, WireReply, WireResponse } from './wire.js';

/** What dispatch asks of the reading side. Each throws StatusError; dispatch turns that into an answer. */
export interface ReadHandlers {
  get(context: ResourceRequest): WireResponse;
  list(context: ResourceRequest): WireResponse;
  watch(context: ResourceRequest, reply: WireReply): WireCall;
  /** Discovery, health, version, OpenAPI and the rest. */
  other(context: RequestContext<OtherTarget>): WireResponse;
}

/** One object in an answer: of a read, or what a write made. */
export interface ObjectAnswer {
  /** 200 or 201. */
  readonly status: number;
  readonly kind: Kind;
  readonly object: KubeObject;
  /** The encoded object, where it exists already. */
  readonly bytes?: Uint8Array | undefined;
  /** As of a stored object. */
  readonly metadataBytes?: Uint8Array | undefined;
  /** The newest revision that the answer shows; 0 for none. */
  readonly revision: number;
}

/** Encodes answers by the request's `Accept`, with its warnings as headers. */
export interface AnswerEncoder {
  object(context: RequestContext, answer: ObjectAnswer): WireResponse;
  /** The items of a deleted collection, as the kind's list at `revision`. */
  list(context: RequestContext, kind: Kind, objects: readonly KubeObject[], revision: number): WireResponse;
  /** A body that is no stored kind: a Scale, a Status, a review. */
  plain(context: RequestContext, status: number, body: object, revision: number): WireResponse;
  status(context: RequestContext, status: Status, revision: number): WireResponse;
  error(context: RequestContext, error: StatusError): WireResponse;
  /** `404 page not found` and the like, as `text/plain; charset=utf-8`. */
  text(status: number, text: string): WireResponse;
  /** @throws StatusError 406 at once, before anything is written, when no acceptable form of an answer exists. */
  checkAcceptable(context: ResourceRequest): void;
}
