/**
 * Everything that does not write. Mirrors apiserver's get, list and watch handlers over its storage and watch cache, here one
 * store: lists and the beginnings of watches are of one revision, and bytes are encoded once a stored version.
 */
import type { Simulation } from '../../kernel/simulation.js';
import { notFound } from '../../machinery/status-error.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import type { RemoteOpenApi } from '../aggregation/remote-open-api.js';
import type { RemoteServices } from '../aggregation/remote-services.js';
import type { Answers } from '../answers.js';
import { Documents } from '../documents.js';
import type { Conversions } from '../custom-resources/conversions.js';
import { checkAllReadable, checkReadable } from '../custom-resources/readable.js';
import type { HeartbeatSource } from '../heartbeats.port.js';
import type { KindRegistry } from '../kind-registry.js';
import { negotiateObject } from '../negotiation/negotiation.js';
import type { ReadHandlers } from '../read-handlers.js';
import type { RequestContext, ResourceRequest } from '../request-context.js';
import type { OtherTarget } from '../routing.js';
import { SharedDocuments } from '../shared-documents.js';
import type { ResourceStorage } from '../storage/resource-storage.js';
import type { ObjectWatchRequest, ObjectWatchSink } from '../watch/object-watch.js';
import { Watches } from '../watch/watches.js';
import type { WireCall, WireReply, WireResponse } from '../wire.js';
import { Heartbeats } from './heartbeats.js';
import { listOptionsOf } from './list-options.js';
import { parseResourceVersion, tooLargeResourceVersion } from './resource-version.js';
import { Selection } from './selection.js';
import { readPage } from './snapshot.js';

interface ReadsOptions {
  readonly storage: ResourceStorage;
  readonly registry: KindRegistry;
  readonly simulation: Simulation;
  readonly text: TextCodec;
  readonly answers: Answers;
  readonly heartbeats?: HeartbeatSource | undefined;
  /** Without it no version of anything is made by a webhook. */
  readonly conversions?: Conversions | undefined;
  /** Without it nobody else serves anything. */
  readonly remote?: RemoteServices | undefined;
  readonly remoteOpenApi?: RemoteOpenApi | undefined;
  /** Shared by the clusters of a process; one of this server's own unless given. */
  readonly documents?: SharedDocuments | undefined;
}

export class Reads implements ReadHandlers {
  readonly #options: ReadsOptions;
  readonly #heartbeats: Heartbeats;
  readonly #watches: Watches;
  readonly #documents: Documents;

  constructor(options: ReadsOptions) {
    const { storage, registry, simulation, text, answers, conversions } = options;
    this.#options = options;
    this.#heartbeats = new Heartbeats(options.heartbeats, text);
    this.#watches = new Watches(
      { storage, registry, simulation, heartbeats: this.#heartbeats, text, conversions },
      answers.messages,
    );
    const shared = options.documents ?? new SharedDocuments(text);
    const { remote, remoteOpenApi } = options;
    this.#documents = new Documents({ registry, answers, shared, text, remote, remoteOpenApi });
  }

  /** One object; `?watch` and selectors count for nothing here. @throws StatusError 404, 406, 504 */
  get(context: ResourceRequest): WireResponse {
    const { kind, namespace, name = '' } = context.target;
    const { storage, answers } = this.#options;
    answers.checkAcceptable(context);
    const resourceVersion = context.query.get('resourceVersion') ?? '';
    const wanted = parseResourceVersion(resourceVersion);
    if (wanted > storage.revision) throw tooLargeResourceVersion(resourceVersion, storage.revision);
    const entry = storage.get(kind, namespace === undefined ? name : `${namespace}/${name}`);
    if (entry === undefined) throw notFound({ group: kind.group, resource: kind.plural }, name);
    if (kind.custom !== undefined) checkReadable(kind, entry.object);
    const item = this.#heartbeats.shown(kind, entry);
    return answers.object(context, {
      status: 200,
      kind,
      revision: entry.modRevision,
      get object() {
        return item.object;
      },
      get bytes() {
        return item.bytes;
      },
      get metadataBytes() {
        return item.metadataBytes;
      },
    });
  }

  /** @throws StatusError 400, 406, 410, 422, 504 */
  list(context: ResourceRequest): WireResponse {
    const { kind, namespace } = context.target;
    const { storage, text, answers } = this.#options;
    answers.checkAcceptable(context);
    const options = listOptionsOf(context.query, false);
    const negotiated = negotiateObject(context);
    const selection = new Selection(kind, options.labels, options.fields);
    const page = readPage(storage, text, { kind, namespace, selection, options });
    checkAllReadable(kind, page.entries);
    const items = this.#heartbeats.concerns(kind)
      ? page.entries.map((entry) => this.#heartbeats.shown(kind, entry))
      : page.entries;
    return answers.listing(context, { kind, metadata: page.metadata, items, revision: page.revision }, negotiated);
  }

  watch(context: ResourceRequest, reply: WireReply): WireCall {
    this.#options.answers.checkAcceptable(context);
    return this.#watches.serve(context, reply);
  }

  /** A watch that is not carried over HTTP. */
  observe(request: ObjectWatchRequest, sink: ObjectWatchSink): WireCall {
    return this.#watches.observe(request, sink);
  }

  other(context: RequestContext<OtherTarget>): WireResponse {
    return this.#documents.answer(context);
  }
}
