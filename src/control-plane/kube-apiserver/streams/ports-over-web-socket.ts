import type { PortConnection } from '../../../engine/kube-apiserver/connect/wire-connection.js';
import type { PortInput } from '../../../engine/kube-apiserver/container-sessions.port.js';
import { acceptWebSocket, type UpgradedSocket } from './accept-web-socket.js';
import { ChannelSocket } from './channel-socket.js';
import { portOf } from './port-number.js';
import { refuseWith } from './raw-response.js';
import { webSocketProtocols } from './upgrade-request.js';

/** A port has a channel for data and one for errors. */
const CHANNELS_OF_PORT = 2;
/** Channels are numbered by a byte, and the last number is a signal. */
const PORTS_MAX = 127;
const PROTOCOLS: readonly string[] = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io'];

/** Port forwarding over the channels of a WebSocket, one connection to each port of the query. */
export function portsOverWebSocket(upgraded: UpgradedSocket, connection: PortConnection): { end(): void } {
  const nothing = { end: () => undefined };
  const ports = connection.ports.flatMap((each) => each.split(',')).map(portOf);
  if (ports.length === 0) {
    refuseWith(upgraded.socket, 400, 'query parameter "ports" is required');
    return nothing;
  }
  if (ports.length > PORTS_MAX || ports.includes(undefined)) {
    refuseWith(upgraded.socket, 400, `unable to parse ${JSON.stringify(connection.ports.join(','))} as a port`);
    return nothing;
  }
  const wanted = webSocketProtocols(upgraded.request);
  const protocol = wanted.find((each) => PROTOCOLS.includes(each));
  if (wanted.length > 0 && protocol === undefined) {
    const supported = `supports [ ${PROTOCOLS.join(' ')}]`;
    refuseWith(upgraded.socket, 403, `requested protocol(s) are not supported: [${wanted.join(' ')}]; ${supported}`);
    return nothing;
  }
  let channels: ChannelSocket | undefined;
  acceptWebSocket(upgraded, protocol, (webSocket) => {
    channels = new ChannelSocket(webSocket, protocol?.includes('base64') === true ? 'base64' : 'binary', false);
    begin(
      channels,
      connection,
      ports.filter((port) => port !== undefined),
    );
  });
  return { end: () => channels?.close() };
}

function begin(channels: ChannelSocket, connection: PortConnection, ports: readonly number[]): void {
  let open = ports.length;
  const ended = (): void => {
    open--;
    if (open === 0) channels.close();
  };
  ports.forEach((port, index) => {
    const name = Buffer.alloc(2);
    name.writeUInt16LE(port);
    for (let side = 0; side < CHANNELS_OF_PORT; side++) channels.send(index * CHANNELS_OF_PORT + side, name);
  });
  const inputs: PortInput[] = [];
  channels.listen({
    data: (channel, bytes) => {
      if (channel % CHANNELS_OF_PORT === 0) inputs[channel / CHANNELS_OF_PORT]?.data(bytes);
    },
    closed: () => undefined,
    gone: () => {
      for (const input of inputs) input.cancel();
    },
  });
  ports.forEach((port, index) => {
    const channel = index * CHANNELS_OF_PORT;
    inputs[index] = connection.open(port, {
      data: (bytes) => channels.send(channel, bytes),
      end: ended,
      fail: (message) => {
        channels.send(channel + 1, Buffer.from(message));
        ended();
      },
    });
  });
}
