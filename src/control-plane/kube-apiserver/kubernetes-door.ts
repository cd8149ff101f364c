import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Authenticator } from '../../auth/authenticator.js';
import { mayReachCluster, type Principal } from '../../auth/principal.js';
import { impersonationIn } from '../../engine/kube-apiserver/authentication/impersonation.js';
import { anonymousUser } from '../../engine/kube-apiserver/authentication/users.js';
import type { WireCall, WireReply, WireRequest } from '../../engine/kube-apiserver/wire.js';
import {
  internalError,
  notFound,
  requestEntityTooLarge,
  unauthorized,
  type StatusError,
} from '../../engine/machinery/status-error.js';
import { clusterAdministrator } from '../../engine/machinery/user.js';
import { AUDIT_ID_HEADER, auditIdOf } from '../../hosting/audit-id.js';
import { ClientCertificates } from '../../hosting/client-certificates.js';
import type { ClusterHost } from '../../hosting/cluster-host.js';
import type { LiveCluster } from '../../hosting/live-cluster.js';
import { statusResponse } from '../../hosting/status-response.js';
import { Arrivals } from './arrivals.js';
import { forwardRequest } from './forwarding/forward-request.js';
import type { OpenForwarded } from './forwarding/forwarded-target.js';
import { HttpReply } from './http-reply.js';
import { isKubernetesUrl, parseKubernetesUrl, type KubernetesPath } from './kubernetes-path.js';
import { BODY_BYTES_MAX, readBody } from './request-body.js';
import type { UpgradedSocket } from './streams/accept-web-socket.js';
import { responseOn } from './streams/raw-response.js';
import { UpgradeReply } from './streams/upgrade-reply.js';
import { upgradeTypeOf, webSocketToken } from './streams/upgrade-request.js';

interface Arrived {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const NO_BODY = new Uint8Array();
const BEARER = 'bearer';

/**
 * The Kubernetes API of every cluster, on bare HTTP: no framework stands between a socket and its cluster, because this is
 * the path that must be fast. Everything it says by itself is a Status, and an unreachable cluster is like none.
 */
export class KubernetesDoor {
  readonly #host: ClusterHost;
  readonly #authenticator: Authenticator;
  readonly #certificates = new ClientCertificates();
  readonly #arrivals = new Arrivals();

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
      (guest) => {
        this.#whileGood(guest, response, () => (response.headersSent ? response.end() : response.destroy()));
        serve({ request, response }, guest, this.#arrivals);
      },
      (error) => refuse(response, error),
    );
  }

  /** A request that asks to switch protocols: connections into pods, and watches over WebSockets. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    this.#admit(
      request,
      (guest) => {
        this.#whileGood(guest, socket, () => socket.destroy());
        serveUpgrade({ request, socket, head }, guest);
      },
      (error) => refuseOn(request, socket, error),
    );
  }

  /**
   * Who brings a token of this server is the administrator of the clusters that it reaches. Any other token is for the
   * cluster to judge, and without one the cluster decides what a stranger may see.
   */
  #admit(request: IncomingMessage, enter: (guest: Guest) => void, reject: (error: StatusError) => void): void {
    const target = parseKubernetesUrl(request.url ?? '');
    const live = target === undefined ? undefined : this.#host.find(target.tenant, target.cluster);
    const token = tokenOf(request.headers.authorization) || webSocketToken(request);
    const enterAs = (caller: Caller): void => {
      // What a cluster is called, and that there is none, is only for those who may reach it.
      if (target === undefined || live === undefined) reject(unauthorized());
      else {
        const auditID = auditIdOf(request.headers[AUDIT_ID_HEADER]);
        const open: OpenForwarded = (forwarded) => this.#host.openForwarded(live.identity, forwarded);
        enter({ live, target, caller, open, auditID });
      }
    };
    const decide = (principal: Principal | undefined): void => {
      if (principal === undefined) return enterAs({ user: anonymousUser, token });
      if (principal.type === 'user' && principal.clusterId === live?.identity.id) return enterAs(principal);
      if (target === undefined || live === undefined || !mayReachCluster(principal, live.identity)) {
        return reject(notFound({ group: '', resource: 'clusters' }, target?.cluster ?? ''));
      }
      enterAs(principal.type === 'tenant' ? { ...ADMINISTRATOR, key: token } : ADMINISTRATOR);
    };
    if (token === '') return this.#admitWithoutToken(request.socket, live, enterAs);
    const principal = this.#authenticator.recall(token);
    if (principal !== undefined || this.#authenticator.isForeign(token)) return decide(principal);
    this.#authenticator.authenticate(token).then(decide, () => reject(internalError('authentication is unavailable')));
  }

  /** What a key has opened ends with it. */
  #whileGood({ caller: { key } }: Guest, carrier: ServerResponse | Duplex, end: () => void): void {
    if (key !== undefined) carrier.once('close', this.#authenticator.whileGood(key, end));
  }

  /** By a certificate of the cluster's own authority; one of another is worse than none. */
  #admitWithoutToken(socket: Socket, live: LiveCluster | undefined, enterAs: (caller: Caller) => void): void {
    if (live === undefined || !this.#certificates.has(socket)) return enterAs(ANONYMOUS);
    const { certificateAuthority } = this.#host.keysOf(live.identity);
    const now = live.now ?? live.identity.settings.start;
    const user = this.#certificates.userOf(socket, certificateAuthority.certificate, now);
    // The cluster refuses it itself, so that its audit log tells of it.
    enterAs(user === undefined ? STRANGER : { user });
  }
}

/** A request that may enter a cluster. */
interface Guest {
  readonly live: LiveCluster;
  readonly target: KubernetesPath;
  readonly caller: Caller;
  readonly open: OpenForwarded;
  readonly auditID: string;
}

interface Caller extends Pick<WireRequest, 'user' | 'token' | 'isStranger'> {
  /** The tenant's key that let the caller in: it may be withdrawn. */
  readonly key?: string;
}

const ADMINISTRATOR: Caller = Object.freeze({ user: clusterAdministrator });
const STRANGER: Caller = Object.freeze({ user: anonymousUser, isStranger: true });
const ANONYMOUS: Caller = Object.freeze({ user: anonymousUser });

/** As upstream reads the header: what follows the token is nothing. Empty where there is none. */
function tokenOf(header: string | undefined): string {
  if (header === undefined) return '';
  const [scheme = '', token = ''] = header.trim().split(' ', 2);
  return scheme.length === BEARER.length && scheme.toLowerCase() === BEARER ? token : '';
}

function serve(arrived: Arrived, guest: Guest, arrivals: Arrivals): void {
  const { request, response } = arrived;
  const enter = (body: Uint8Array, reply: WireReply): void => {
    arrivals.add(guest.live.identity, () => {
      if (response.destroyed) return;
      const call = guest.live.handle(wireRequest(request, guest, body), reply);
      response.on('close', () => call.cancel());
    });
  };
  // Another server takes the body as it comes.
  if (guest.live.isForwarded(guest.target.path)) return enter(NO_BODY, forwardingReply(arrived, guest));
  readBody(request, (outcome) => {
    switch (outcome.type) {
      case 'aborted':
        return;
      case 'too-large':
        return refuse(response, requestEntityTooLarge(`limit is ${BODY_BYTES_MAX}`));
      case 'whole':
        return enter(outcome.body, replyTo(arrived, guest, outcome.body));
    }
  });
}

const wireRequest = (request: IncomingMessage, { target, caller, auditID }: Guest, body: Uint8Array): WireRequest => ({
  method: request.method ?? 'GET',
  path: target.path,
  query: target.query,
  // Only `set-cookie` is ever a list, and it means nothing in a request.
  headers: request.headers as WireRequest['headers'],
  body,
  user: caller.user,
  token: caller.token,
  isStranger: caller.isStranger,
  auditID,
  peer: request.socket,
  // The parsed headers have put repeated ones together.
  impersonation: impersonationIn(request.rawHeaders),
});

function replyTo({ request, response }: Arrived, { open, auditID }: Guest, body: Uint8Array | undefined): HttpReply {
  const encoding = request.headers['accept-encoding'];
  const forward: WireReply['forward'] = (forwarded) => forwardRequest({ request, response, body, open }, forwarded);
  return new HttpReply(response, typeof encoding === 'string' ? encoding : undefined, auditID, forward);
}

/** To a request whose body is still to come: an answer of the cluster's own ends the connection. */
function forwardingReply(arrived: Arrived, guest: Guest): WireReply {
  const { request, response } = arrived;
  const reply = replyTo(arrived, guest, undefined);
  return {
    respond: (answer) => {
      if (!request.complete) response.shouldKeepAlive = false;
      reply.respond(answer);
    },
    stream: (head) => reply.stream(head),
    forward: reply.forward!,
  };
}

/** An answer before the body was read ends the connection: the rest of it is not worth receiving. */
function refuse(response: ServerResponse, error: StatusError): void {
  if (response.destroyed) return;
  const { status, headers, body } = statusResponse(error);
  if (!response.req.complete) response.shouldKeepAlive = false;
  const auditID = auditIdOf(response.req.headers[AUDIT_ID_HEADER]);
  new HttpReply(response, undefined, auditID).respond({ status, headers, body, revision: 0 });
}

/** The same, on a connection that Node has taken out of HTTP already. */
function refuseOn(request: IncomingMessage, socket: Duplex, error: StatusError): void {
  const auditID = auditIdOf(request.headers[AUDIT_ID_HEADER]);
  if (socket.writable) new HttpReply(responseOn(request, socket), undefined, auditID).respond(statusResponse(error));
}

function serveUpgrade(upgraded: UpgradedSocket, guest: Guest): void {
  const { request, socket } = upgraded;
  let call: WireCall | undefined;
  const gone = (): void => call?.cancel();
  // The connection is none of the cluster's where it asks for something that it does not speak.
  const reply = new UpgradeReply(upgraded, guest, gone);
  call = guest.live.handle(
    wireRequest(request, guest, NO_BODY),
    upgradeTypeOf(request) === 'other' ? plain(reply) : reply,
  );
  socket.once('close', gone);
}

/** The same reply for a request that switches to nothing. */
const plain = (reply: UpgradeReply): WireReply => ({
  respond: (response) => reply.respond(response),
  stream: (head) => reply.stream(head),
  forward: (request) => reply.forward(request),
});
