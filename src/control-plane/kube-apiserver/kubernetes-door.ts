import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { bearerToken, type Authenticator } from '../../auth/authenticator.js';
import { mayReachCluster, type Principal } from '../../auth/principal.js';
import { impersonationIn } from '../../engine/kube-apiserver/authentication/impersonation.js';
import type { WireCall, WireReply, WireRequest } from '../../engine/kube-apiserver/wire.js';
import {
  internalError,
  notFound,
  requestEntityTooLarge,
  unauthorized,
  type StatusError,
} from '../../engine/machinery/status-error.js';
import { clusterAdministrator } from '../../engine/machinery/user.js';
import type { ClusterHost } from '../../hosting/cluster-host.js';
import type { LiveCluster } from '../../hosting/live-cluster.js';
import { statusResponse } from '../../hosting/status-response.js';
import { HttpReply } from './http-reply.js';
import { isKubernetesUrl, parseKubernetesUrl, type KubernetesPath } from './kubernetes-path.js';
import { BODY_BYTES_MAX, readBody } from './request-body.js';
import type { UpgradedSocket } from './streams/accept-web-socket.js';
import { responseOn } from './streams/raw-response.js';
import { UpgradeReply } from './streams/upgrade-reply.js';
import { upgradeTypeOf, webSocketToken } from './streams/upgrade-request.js';

const NO_BODY = new Uint8Array();

/**
 * The Kubernetes API of every cluster, on bare HTTP: no framework stands between a socket and its cluster, because this is
 * the path that must be fast. Everything it says by itself is a Status, and an unreachable cluster is like none.
 */
export class KubernetesDoor {
  readonly #host: ClusterHost;
  readonly #authenticator: Authenticator;

  constructor(host: ClusterHost, authenticator: Authenticator) {
    this.#host = host;
    this.#authenticator = authenticator;
  }

  takes(url: string): boolean {
    return isKubernetesUrl(url);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#admit(
      request,
      (live, target) => serve(request, response, live, target),
      (error) => refuse(response, error),
    );
  }

  /** A request that asks to switch protocols: connections into pods, and watches over WebSockets. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    this.#admit(
      request,
      (live, target) => serveUpgrade({ request, socket, head }, live, target),
      (error) => refuseOn(request, socket, error),
    );
  }

  #admit(
    request: IncomingMessage,
    enter: (live: LiveCluster, target: KubernetesPath) => void,
    reject: (error: StatusError) => void,
  ): void {
    const target = parseKubernetesUrl(request.url ?? '');
    const token = bearerToken(request.headers.authorization) || webSocketToken(request);
    const decide = (principal: Principal | undefined): void => {
      if (principal === undefined) return reject(unauthorized());
      const live = target === undefined ? undefined : this.#host.find(target.tenant, target.cluster);
      if (target === undefined || live === undefined || !mayReachCluster(principal, live.identity)) {
        return reject(notFound({ group: '', resource: 'clusters' }, target?.cluster ?? ''));
      }
      enter(live, target);
    };
    const principal = token === '' ? undefined : this.#authenticator.recall(token);
    if (principal !== undefined) decide(principal);
    else
      this.#authenticator
        .authenticate(token)
        .then(decide, () => reject(internalError('authentication is unavailable')));
  }
}

function serve(request: IncomingMessage, response: ServerResponse, live: LiveCluster, target: KubernetesPath): void {
  readBody(request, (outcome) => {
    switch (outcome.type) {
      case 'aborted':
        return;
      case 'too-large':
        return refuse(response, requestEntityTooLarge(`limit is ${BODY_BYTES_MAX}`));
      case 'whole': {
        const call = live.handle(wireRequest(request, target, outcome.body), replyTo(request, response));
        response.on('close', () => call.cancel());
      }
    }
  });
}

const wireRequest = (request: IncomingMessage, { path, query }: KubernetesPath, body: Uint8Array): WireRequest => ({
  method: request.method ?? 'GET',
  path,
  query,
  // Only `set-cookie` is ever a list, and it means nothing in a request.
  headers: request.headers as WireRequest['headers'],
  body,
  user: clusterAdministrator,
  // The parsed headers have put repeated ones together.
  impersonation: impersonationIn(request.rawHeaders),
});

const replyTo = (request: IncomingMessage, response: ServerResponse): HttpReply => {
  const encoding = request.headers['accept-encoding'];
  return new HttpReply(response, typeof encoding === 'string' ? encoding : undefined);
};

/** An answer before the body was read ends the connection: the rest of it is not worth receiving. */
function refuse(response: ServerResponse, error: StatusError): void {
  if (response.destroyed) return;
  const { status, headers, body } = statusResponse(error);
  if (!response.req.complete) response.shouldKeepAlive = false;
  new HttpReply(response, undefined).respond({ status, headers, body, revision: 0 });
}

/** The same, on a connection that Node has taken out of HTTP already. */
function refuseOn(request: IncomingMessage, socket: Duplex, error: StatusError): void {
  if (socket.writable) new HttpReply(responseOn(request, socket), undefined).respond(statusResponse(error));
}

function serveUpgrade(upgraded: UpgradedSocket, live: LiveCluster, target: KubernetesPath): void {
  const { request, socket } = upgraded;
  let call: WireCall | undefined;
  const gone = (): void => call?.cancel();
  // The connection is none of the cluster's where it asks for something that it does not speak.
  const reply = new UpgradeReply(upgraded, gone);
  call = live.handle(wireRequest(request, target, NO_BODY), upgradeTypeOf(request) === 'other' ? plain(reply) : reply);
  socket.once('close', gone);
}

/** The same reply for a request that switches to nothing. */
const plain = (reply: UpgradeReply): WireReply => ({
  respond: (response) => reply.respond(response),
  stream: (head) => reply.stream(head),
});
