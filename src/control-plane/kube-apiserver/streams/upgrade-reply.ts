import type { ServerResponse } from 'node:http';
import type { ForwardedRequest } from '../../../engine/kube-apiserver/aggregation/forwarded-request.js';
import type { WireConnection } from '../../../engine/kube-apiserver/connect/wire-connection.js';
import type { WireHead, WireReply, WireResponse, WireStream } from '../../../engine/kube-apiserver/wire.js';
import type { OpenForwarded } from '../forwarding/forwarded-target.js';
import { forwardUpgrade } from '../forwarding/forward-upgrade.js';
import { HttpReply } from '../http-reply.js';
import type { UpgradedSocket } from './accept-web-socket.js';
import { portsOverSpdy, portsOverTunnel } from './ports-over-spdy.js';
import { portsOverWebSocket } from './ports-over-web-socket.js';
import { processOverSpdy } from './process-over-spdy.js';
import { processOverWebSocket } from './process-over-web-socket.js';
import { responseOn } from './raw-response.js';
import { streamOverWebSocket } from './stream-over-web-socket.js';
import { tunnelProtocols, upgradeTypeOf, webSocketProtocols } from './upgrade-request.js';

type Ending = Pick<WireStream, 'end'>;

/** What is known of the request besides its connection. */
interface UpgradeOptions {
  readonly auditID: string;
  readonly open: OpenForwarded;
}

/** The reply to a request that asks to switch protocols. Where there is nothing to switch for, it is an ordinary answer. */
export class UpgradeReply implements WireReply {
  readonly #upgraded: UpgradedSocket;
  readonly #auditID: string;
  readonly #gone: () => void;
  readonly #open: OpenForwarded;

  /** `gone` is called when a client of a stream went away, `open` where the request goes on to a server outside. */
  constructor(upgraded: UpgradedSocket, { auditID, open }: UpgradeOptions, gone: () => void) {
    this.#upgraded = upgraded;
    this.#auditID = auditID;
    this.#gone = gone;
    this.#open = open;
  }

  respond(response: WireResponse): void {
    if (!this.#upgraded.socket.writable) return;
    new HttpReply(this.#response(), undefined, this.#auditID).respond(response);
  }

  stream(head: WireHead): WireStream {
    if (upgradeTypeOf(this.#upgraded.request) === 'websocket') {
      return streamOverWebSocket(this.#upgraded, head, this.#gone);
    }
    return new HttpReply(this.#response(), undefined, this.#auditID).stream(head);
  }

  connect(connection: WireConnection): Ending {
    const { request } = this.#upgraded;
    if (!this.#upgraded.socket.writable) return { end: () => undefined };
    const refused = connection.refusal;
    // Only one protocol is spoken by the API server itself, which then is the one to tell what it found.
    const isTranslated = connection.type === 'process' && webSocketProtocols(request).includes('v5.channel.k8s.io');
    if (refused !== undefined && !isTranslated) {
      this.respond(refused.response);
      return { end: () => undefined };
    }
    return connection.type === 'process' ? this.#process(connection) : this.#ports(connection);
  }

  forward(request: ForwardedRequest): Ending {
    return forwardUpgrade(this.#upgraded, this.#open, request);
  }

  #process(connection: WireConnection & { readonly type: 'process' }): Ending {
    const isWebSocket = upgradeTypeOf(this.#upgraded.request) === 'websocket';
    return isWebSocket ? processOverWebSocket(this.#upgraded, connection) : processOverSpdy(this.#upgraded, connection);
  }

  #ports(connection: WireConnection & { readonly type: 'ports' }): Ending {
    const { request } = this.#upgraded;
    if (upgradeTypeOf(request) !== 'websocket') return portsOverSpdy(this.#upgraded, connection);
    return tunnelProtocols(request).length > 0
      ? portsOverTunnel(this.#upgraded, connection)
      : portsOverWebSocket(this.#upgraded, connection);
  }

  #response(): ServerResponse {
    return responseOn(this.#upgraded.request, this.#upgraded.socket);
  }
}
