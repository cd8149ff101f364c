/**
 * Watches over HTTP and below it: options to plan, plan to session. Mirrors the watch handler and the watch cache of
 * apiserver. Left out: WebSocket framing, which is the business of whoever carries the stream.
 */
import { type Duration, hours, minutes, seconds } from '../../kernel/clock.js';
import { Random } from '../../kernel/random.js';
import { badRequest, StatusError } from '../../machinery/status-error.js';
import { withWarnings } from '../answers.js';
import { Query } from '../query.js';
import { negotiateObject, negotiateStream } from '../negotiation/negotiation.js';
import { type ListOptions, listOptionsOf } from '../reads/list-options.js';
import { parseResourceVersion } from '../reads/resource-version.js';
import { Selection } from '../reads/selection.js';
import type { ResourceRequest } from '../request-context.js';
import { includeObjectOf } from '../tables/table.js';
import type { WireCall, WireReply } from '../wire.js';
import type { ObjectMessages } from '../encoding/object-messages.js';
import { EventCache } from './event-cache.js';
import { type EventFraming, jsonFraming, protobufFraming } from './event-framing.js';
import { ObjectOutput, type ObjectWatchRequest, type ObjectWatchSink } from './object-watch.js';
import { watchFormOf } from './watch-form.js';
import { type WatchParts, type WatchPlan, WatchSession } from './watch-session.js';
import { WireOutput } from './wire-output.js';

/** A watch without a timeout of its own ends after this long, or up to twice as long. */
const TIMEOUT_DEFAULT = minutes(30);
const TIMEOUT_MAX = hours(24 * 365);
const CACHE_CONTROL = 'no-cache, private';
const NO_CALL: WireCall = Object.freeze({ cancel: () => undefined });

export class Watches {
  readonly #parts: WatchParts;
  /** Not the cluster's sequence: whoever watches must not change what happens in it. */
  readonly #random: Random;
  readonly #cache = new EventCache();
  readonly #framings: { readonly json: EventFraming; readonly protobuf: EventFraming };

  constructor(parts: WatchParts, messages: ObjectMessages) {
    this.#parts = parts;
    this.#random = Random.seeded(parts.simulation.now);
    this.#framings = { json: jsonFraming(parts.text), protobuf: protobufFraming(messages, parts.text) };
  }

  /** @throws StatusError before the stream is opened; later failures are its last event. */
  serve(context: ResourceRequest, reply: WireReply): WireCall {
    const { target, query } = context;
    const options = listOptionsOf(query, true);
    const { form } = negotiateObject(context);
    const selection = selectionOf(context, options);
    const from = startOf(options);
    const include = form?.kind === 'Table' ? includeObjectOf(query) : 'Metadata';
    const { encoder } = negotiateStream(context);
    const { simulation } = this.#parts;
    const framing = encoder.isTyped ? this.#framings.protobuf : this.#framings.json;
    const watchForm = watchFormOf({ kind: target.kind, form, include, framing, now: () => simulation.now });
    const headers = { 'cache-control': CACHE_CONTROL, 'content-type': framing.contentType };
    const stream = reply.stream(withWarnings({ status: 200, headers }, context.warnings));
    const onOver = context.turn?.forgetWatch;
    if (form?.kind === 'PartialObjectMetadataList') {
      onOver?.();
      return this.#serveNothing(stream, this.#timeoutOf(options));
    }
    const plan: WatchPlan = {
      kind: target.kind,
      namespace: target.namespace,
      selection,
      from,
      allowsBookmarks: options.allowWatchBookmarks,
      timeout: this.#timeoutOf(options),
      onOver,
    };
    const output = new WireOutput(target.kind, watchForm, stream, this.#cache);
    return started(new WatchSession(plan, this.#parts, output));
  }

  /** Refusals reach the sink, like later failures. */
  observe(request: ObjectWatchRequest, sink: ObjectWatchSink): WireCall {
    try {
      const plan = planOf(request);
      const output = new ObjectOutput(request.kind, sink, this.#parts.text);
      return started(new WatchSession(plan, this.#parts, output));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      sink.error(error.status);
      return NO_CALL;
    }
  }

  /** A single object has no list form: upstream opens such a stream and never gets a word out. */
  #serveNothing(stream: { end(): void }, timeout: Duration): WireCall {
    return this.#parts.simulation.after(timeout, () => stream.end());
  }

  #timeoutOf({ timeoutSeconds = 0 }: ListOptions): Duration {
    if (timeoutSeconds < 0) return seconds(0);
    if (timeoutSeconds > 0) return Math.min(seconds(timeoutSeconds), TIMEOUT_MAX) as Duration;
    return Math.round(TIMEOUT_DEFAULT * (1 + this.#random.fraction())) as Duration;
  }
}

function started(session: WatchSession): WireCall {
  session.start();
  return { cancel: () => session.cancel() };
}

function selectionOf({ target }: ResourceRequest, { labels, fields }: ListOptions): Selection {
  const selection = new Selection(target.kind, labels, fields);
  const { name } = target;
  if (name === undefined) return selection;
  if (fields.length > 0) {
    if (selection.name !== name) throw badRequest("fieldSelector metadata.name doesn't match requested name");
    return selection;
  }
  return new Selection(target.kind, labels, [{ field: 'metadata.name', operator: '=', value: name }]);
}

function startOf({ resourceVersion, sendInitialEvents }: ListOptions): WatchPlan['from'] {
  const revision = parseResourceVersion(resourceVersion);
  if (sendInitialEvents === true) return { type: 'state', atLeast: revision };
  if (revision > 0) return { type: 'after', revision };
  return sendInitialEvents === false ? { type: 'now' } : { type: 'state', atLeast: 0 };
}

function planOf(request: ObjectWatchRequest): WatchPlan {
  const { kind, namespace, labelSelector, fieldSelector, resourceVersion } = request;
  const options = listOptionsOf(
    new Query(
      Object.entries({ labelSelector, fieldSelector, resourceVersion })
        .map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`)
        .join('&'),
    ),
    true,
  );
  const selection = new Selection(kind, options.labels, options.fields);
  return { kind, namespace, selection, from: startOf(options), allowsBookmarks: true, timeout: undefined };
}
