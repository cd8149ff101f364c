import type { ProcessConnection } from '../../../engine/kube-apiserver/connect/wire-connection.js';
import { acceptWebSocket, type UpgradedSocket } from './accept-web-socket.js';
import { ChannelSocket, type ChannelCodec } from './channel-socket.js';
import { ProcessSession } from './process-session.js';
import type { StatusForm } from './process-status.js';
import { refuseWith } from './raw-response.js';
import { webSocketProtocols } from './upgrade-request.js';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
const NOTHING = new Uint8Array();

interface Protocol {
  readonly codec: ChannelCodec;
  readonly status: StatusForm;
  /** Spoken by the API server itself, which also knows the closing of channels. */
  readonly isTranslated: boolean;
}

/** By name; a client that names none speaks the first. */
const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map<string, Protocol>([
  ['', { codec: 'binary', status: 'text', isTranslated: false }],
  ['channel.k8s.io', { codec: 'binary', status: 'text', isTranslated: false }],
  ['v1.channel.k8s.io', { codec: 'binary', status: 'text', isTranslated: false }],
  ['base64.channel.k8s.io', { codec: 'base64', status: 'text', isTranslated: false }],
  ['v4.channel.k8s.io', { codec: 'binary', status: 'json', isTranslated: false }],
  ['v4.base64.channel.k8s.io', { codec: 'base64', status: 'json', isTranslated: false }],
  ['v5.channel.k8s.io', { codec: 'binary', status: 'json', isTranslated: true }],
]);

/** Exec and attach over a WebSocket. What ends it from the cluster's side is returned. */
export function processOverWebSocket(upgraded: UpgradedSocket, connection: ProcessConnection): { end(): void } {
  const wanted = webSocketProtocols(upgraded.request);
  // A client that knows v5 gets it, wherever it stands in its list.
  const name = wanted.includes('v5.channel.k8s.io')
    ? 'v5.channel.k8s.io'
    : wanted.length === 0
      ? ''
      : wanted.find((each) => PROTOCOLS.has(each));
  const protocol = name === undefined ? undefined : PROTOCOLS.get(name);
  if (name === undefined || protocol === undefined) {
    const known = Array.from(PROTOCOLS.keys()).join(' ');
    const message = `requested protocol(s) are not supported: [${wanted.join(' ')}]; supports [${known}]`;
    refuseWith(upgraded.socket, 403, message);
    return { end: () => undefined };
  }
  let session: ProcessSession | undefined;
  acceptWebSocket(upgraded, name === '' ? undefined : name, (webSocket) => {
    const channels = new ChannelSocket(webSocket, protocol.codec, protocol.isTranslated);
    session = begin(channels, connection, protocol);
  });
  return { end: () => session?.abort() };
}

function begin(channels: ChannelSocket, connection: ProcessConnection, form: Protocol): ProcessSession {
  const session = new ProcessSession(connection, form, {
    stdout: (bytes) => channels.send(STDOUT, bytes),
    stderr: (bytes) => channels.send(STDERR, bytes),
    end: (status) => {
      if (status !== undefined) channels.send(ERROR, status);
      channels.close();
    },
  });
  // Upstream tells in this way that the streams are there.
  channels.send(connection.stdout ? STDOUT : connection.stderr ? STDERR : ERROR, NOTHING);
  channels.listen({
    data: (channel, bytes) => {
      if (channel === STDIN) session.stdin(bytes);
      else if (channel === RESIZE) session.resize(bytes);
    },
    closed: (channel) => {
      if (channel === STDIN) session.closeStdin();
    },
    gone: () => session.cancel(),
  });
  session.start();
  return session;
}
