import { pod } from '../kinds/pod.js';
import { goQuote } from '../machinery/go-text.js';
import {
  genericMethodNotAllowed,
  genericNotFound,
  notFound,
  requestEntityTooLarge,
  unauthorized,
} from '../machinery/status-error.js';
import { proxyToService } from './aggregation/service-proxy.js';
import type { RemoteOpenApi } from './aggregation/remote-open-api.js';
import type { RemoteServices } from './aggregation/remote-services.js';
import { auditedReply } from './audit/audited-reply.js';
import type { Auditor } from './audit/auditor.js';
import type { AuthorizationAttributes, Authorizer } from './authorizer.port.js';
import { GuardedReply } from './authentication/guarded-reply.js';
import { impersonated } from './authentication/impersonation.js';
import { KEYS_PATH, openIdDocument } from './authentication/open-id.js';
import { attributesOf, authorizeRequest, authorizeVerb } from './authorization.js';
import { whenAdmitted } from './connect/connect-admission.js';
import { handleConnect, isConnection } from './connect/connect-handler.js';
import { handleProxy } from './connect/proxy-handler.js';
import type { FlowControl } from './flow-control/flow-control.js';
import { flowDump } from './flow-control/flow-dumps.js';
import { tooMany } from './flow-control/too-many.js';
import { checkRoute } from './negotiation/negotiation.js';
import { Query } from './query.js';
import { whenListReady, whenObjectReady, whenWatchReady } from './custom-resources/converted-reads.js';
import { isElsewhere } from './custom-resources/custom-verb.js';
import type { ReadHandlers } from './read-handlers.js';
import type { RequestContext, ResourceRequest } from './request-context.js';
import { type RequestVerb, verbOf } from './request-verb.js';
import { route, type OtherTarget, type RequestTarget } from './routing.js';
import { getComputed, isComputed, listComputed } from './computed/component-statuses.js';
import { handleReview } from './reviews/review-handler.js';
import { reviewOf } from './reviews/registry.js';
import type { ServerParts } from './server-parts.js';
import { handleAction } from './subresources/action-handler.js';
import type { Face } from './subresources/face.js';
import type { Faces } from './subresources/faces.js';
import { handleLog } from './subresources/log.js';
import { actionOf } from './subresources/registry.js';
import type { WireCall, WireReply, WireRequest, WireResponse } from './wire.js';
import { handleCreate } from './writes/create-handler.js';
import { handleDelete } from './writes/delete-handler.js';
import { handleDeleteCollection } from './writes/delete-collection-handler.js';
import { keyOfTarget } from './writes/handler-support.js';
import { handlePatch } from './writes/patch-handler.js';
import { attempt, type Settle } from './writes/settled.js';
import { handleUpdate } from './writes/update-handler.js';

/** kube-apiserver's limit for bodies. */
export const BODY_BYTES_MAX = 3 * 1_024 * 1_024;

const DEPRECATED_ANNOTATION = 'k8s.io/deprecated';
const NO_CALL: WireCall = Object.freeze({ cancel: () => undefined });
const NOWHERE: RequestTarget = Object.freeze({ type: 'unknown-resource' });

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

export interface DispatcherOptions {
  readonly parts: ServerParts;
  readonly faces: Faces;
  readonly reads: ReadHandlers;
  readonly authorizer: Authorizer;
  readonly remote: RemoteServices;
  readonly remoteOpenApi: RemoteOpenApi;
  readonly flowControl: FlowControl;
  readonly auditor: Auditor;
}

/** From a request to the handler of its verb, and from what that comes to, to an answer. */
export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  handle(request: WireRequest, reply: WireReply): WireCall {
    const context: Changing<RequestContext> = {
      request,
      query: request.query === '' ? Query.empty : new Query(request.query),
      target: NOWHERE,
      user: request.user,
      warnings: [],
    };
    let call = NO_CALL;
    const settle: Settle<WireResponse> = ({ value, error }) => {
      const response = value ?? this.#options.parts.answers.error(context, error);
      const shown = request.method === 'HEAD' ? { ...response, body: [] } : response;
      const answering = toldReply(context, reply);
      if (context.turn === undefined) answering.respond(shown);
      else context.turn.respond(answering, shown);
    };
    const take = (run: (once: Settle<WireResponse>) => void): void => {
      try {
        attempt(settle, run);
      } catch (error) {
        context.audit?.panicked(String(error));
        throw error;
      }
    };
    take((once) => {
      this.#identify(context);
      const attributes = attributesOf(context);
      const { flowControl, parts } = this.#options;
      const turn = flowControl.enter(context, attributes, () => settle({ value: tooMany(parts.answers, turn!) }));
      context.turn = turn;
      if (turn?.state === 'refused') return once({ value: tooMany(parts.answers, turn) });
      const begin = (settleOnce: Settle<WireResponse>): void => {
        call = this.#begin(context, attributes, toldReply(context, reply), settleOnce);
      };
      if (turn?.state === 'waiting') turn.onBegin = () => take(begin);
      else begin(once);
    });
    const { turn, audit } = context;
    turn?.settle();
    if (audit === undefined && (turn === undefined || turn.isOver)) return call;
    return {
      cancel: () => {
        turn?.cancel();
        call.cancel();
        audit?.completed();
      },
    };
  }

  /** Who it is that asks. @throws StatusError 401, 403 */
  #identify(context: Changing<RequestContext>): void {
    const { token, impersonation } = context.request;
    const { auditor, authorizer, parts } = this.#options;
    let annotations: Readonly<Record<string, string>> = {};
    const warn = (text: string): void => void context.warnings.push(text);
    const annotate = (given: typeof annotations): void => void (annotations = given);
    try {
      if (context.request.isStranger === true) throw unauthorized();
      if (token !== undefined) context.user = parts.authentication.userOf(token, { warn, annotate });
    } catch (error) {
      context.audit = auditor.arrived(context, undefined);
      throw error;
    }
    context.audit = auditor.arrived(context, context.user);
    for (const key in annotations) context.audit?.annotate(key, annotations[key]!);
    if (impersonation === undefined) return;
    context.user = impersonated(authorizer, context.user, impersonation);
    context.audit?.impersonated(context.user);
  }

  #begin(
    context: Changing<RequestContext>,
    attributes: AuthorizationAttributes | undefined,
    reply: WireReply,
    settle: Settle<WireResponse>,
  ): WireCall {
    const { authorizer, remote, remoteOpenApi, parts } = this.#options;
    const { request, turn, audit } = context;
    authorizeRequest(authorizer, attributes, audit);
    const service = remote.serviceOf(request.path) ?? remoteOpenApi.serviceOf(request.path);
    if (service !== undefined) {
      return this.#guarded(request, reply, (guarded) =>
        proxyToService(parts, context, service, turn?.answering(guarded) ?? guarded),
      );
    }
    context.target = route(request.path, parts.registry, (group) => remote.hasGroup(group));
    return this.#guarded(request, reply, (guarded) => this.#route(context, guarded, settle));
  }

  /** Streams that are opened with a token of the cluster's own end when that does. */
  #guarded({ token }: WireRequest, reply: WireReply, open: (reply: WireReply) => WireCall): WireCall {
    if (token === undefined) return open(reply);
    const guarded = new GuardedReply(this.#options.parts, token, reply);
    return guarded.guard(open(guarded));
  }

  #route(context: RequestContext, reply: WireReply, settle: Settle<WireResponse>): WireCall {
    const { target } = context;
    switch (target.type) {
      case 'unknown-group':
        settle({ value: this.#options.parts.answers.text(404, '404 page not found\n') });
        return NO_CALL;
      case 'no-request-info': {
        const fault = `failed to create RequestInfo: unable to determine kind and namespace from url, ${target.path}`;
        settle({
          value: this.#options.parts.answers.text(500, `Internal Server Error: ${goQuote(target.path)}: ${fault}\n`),
        });
        return NO_CALL;
      }
      case 'unknown-resource':
        throw genericNotFound();
      case 'resource':
        if (isElsewhere(context.request, target)) {
          settle({ value: this.#options.parts.answers.text(404, '404 page not found\n') });
          return NO_CALL;
        }
        return this.#resource({ ...context, target }, reply, settle);
      default: {
        const other: RequestContext<OtherTarget> = { ...context, target };
        settle({ value: this.#openId(other) ?? this.#dump(other) ?? this.#options.reads.other(other) });
        return NO_CALL;
      }
    }
  }

  #openId(context: RequestContext<OtherTarget>): WireResponse | undefined {
    const { type, path } = context.target;
    const { answers, authentication } = this.#options.parts;
    if (type !== 'identity' || authentication.keys === undefined) return undefined;
    if (context.request.method !== 'GET') throw genericMethodNotAllowed();
    checkRoute(context, path === KEYS_PATH ? 'keys' : 'version');
    const { contentType, text } = openIdDocument(path, authentication.keys);
    const response = answers.text(200, text);
    const headers = { 'content-type': contentType, 'cache-control': 'public, max-age=3600' };
    return { ...response, headers: { ...response.headers, ...headers } };
  }

  #dump({ target: { type, path }, query, turn }: RequestContext<OtherTarget>): WireResponse | undefined {
    if (type !== 'debug') return undefined;
    // It sees itself.
    turn?.settle();
    return this.#options.parts.answers.text(200, flowDump(path, this.#options.flowControl.levels, query));
  }

  #resource(context: ResourceRequest, reply: WireReply, settle: Settle<WireResponse>): WireCall {
    const { deprecation } = context.target.kind;
    // A method without a route is not told; a watch of what can only be listed has the list's route.
    const isRead = context.request.method === 'GET';
    if (deprecation !== undefined) context.audit?.annotate(DEPRECATED_ANNOTATION, 'true');
    if (deprecation !== undefined && isRead) context.warnings.push(deprecation);
    const verb = verbOf(context);
    if (deprecation !== undefined && !isRead) context.warnings.push(deprecation);
    if (context.request.body.length > BODY_BYTES_MAX) throw requestEntityTooLarge(`limit is ${BODY_BYTES_MAX}`);
    if (context.target.subresource !== undefined) return this.#subresource(context, verb, reply, settle);
    const { parts, faces, reads } = this.#options;
    const { kind } = context.target;
    switch (verb) {
      case 'watch':
        return whenWatchReady(parts, context, settle, () => {
          const { watches } = this.#options.flowControl;
          return reads.watch(context, context.turn?.watching(reply, watches) ?? reply);
        });
      case 'get':
        whenObjectReady(parts, context, settle, (once) =>
          once({ value: isComputed(kind) ? getComputed(parts, context) : reads.get(context) }),
        );
        break;
      case 'list':
        whenListReady(parts, context, settle, (once) =>
          once({ value: isComputed(kind) ? listComputed(parts, context) : reads.list(context) }),
        );
        break;
      case 'create':
        this.#create(context, settle);
        break;
      case 'update':
        handleUpdate(parts, context, faces.of(kind)!, settle);
        break;
      case 'patch':
        handlePatch(parts, context, faces.of(kind)!, settle);
        break;
      case 'delete':
        handleDelete(parts, context, settle);
        break;
      case 'deletecollection':
        whenListReady(parts, context, settle, (once) => handleDeleteCollection(parts, context, once));
        break;
    }
    return NO_CALL;
  }

  #create(context: ResourceRequest, settle: Settle<WireResponse>): void {
    const { parts, faces, authorizer } = this.#options;
    const { kind } = context.target;
    const review = kind.isVirtual === true ? reviewOf(kind) : undefined;
    if (review !== undefined) return handleReview(parts, context, { review, authorizer }, settle);
    const old = kind.group === '' && kind.plural === 'bindings' ? actionOf(pod, 'binding') : undefined;
    if (old !== undefined) handleAction(parts, context, old, settle);
    else handleCreate(parts, context, faces.of(kind)!, settle);
  }

  #subresource(context: ResourceRequest, verb: RequestVerb, reply: WireReply, settle: Settle<WireResponse>): WireCall {
    const { parts, faces } = this.#options;
    const { kind, subresource = '' } = context.target;
    if (subresource === 'log') return handleLog(parts, context, reply);
    if (isConnection(subresource)) {
      // A WebSocket can only be asked for by a GET, which must not be a way around.
      if (verb !== 'create') authorizeVerb(this.#options.authorizer, context, 'create');
      return whenAdmitted(parts, context, settle, (options) => handleConnect(parts, context, options, reply));
    }
    if (subresource === 'proxy') {
      return whenAdmitted(parts, context, settle, (options) => {
        settle({ value: handleProxy(parts, context, options) });
        return NO_CALL;
      });
    }
    const face = faces.of(kind, subresource);
    const action = verb === 'create' ? actionOf(kind, subresource) : undefined;
    if (action !== undefined) handleAction(parts, context, action, settle);
    else if (face === undefined) throw genericNotFound();
    else if (verb === 'get')
      whenObjectReady(parts, context, settle, (once) => once({ value: this.#show(context, face) }));
    else if (verb === 'update') handleUpdate(parts, context, face, settle);
    else if (verb === 'patch') handlePatch(parts, context, face, settle);
    else throw genericMethodNotAllowed();
    return NO_CALL;
  }

  #show(context: ResourceRequest, face: Face): WireResponse {
    const { parts, reads } = this.#options;
    if (face.isObject) return reads.get(context);
    const { kind, name = '' } = context.target;
    const entry = parts.storage.get(kind, keyOfTarget(context.target));
    if (entry === undefined) throw notFound({ group: kind.group, resource: kind.plural }, name);
    face.checkShown?.(entry.object);
    const shown = { status: 200, object: face.show(entry.object), revision: entry.modRevision };
    return parts.answers.shown(context, shown, face);
  }
}

/** The reply that tells the audit log, where it is to be told. */
const toldReply = ({ audit }: RequestContext, reply: WireReply): WireReply =>
  audit === undefined ? reply : auditedReply(reply, audit);
