import type { WireHead, WireStream } from '../../../engine/kube-apiserver/wire.js';
import type { WebSocket } from 'ws';
import { acceptWebSocket, type UpgradedSocket } from './accept-web-socket.js';
import { webSocketProtocols } from './upgrade-request.js';

/** What the reader may be behind. */
const QUEUE_BYTES_MAX = 48 * 1024 * 1024;
const LINE_END = 0x0a;
/** Before each event of a watch that is not JSON stands its length. */
const LENGTH_BYTES = 4;

/**
 * An answer that goes on, over a WebSocket: each event of a watch is one message, text where it is JSON and binary where
 * it is not; a log comes in pieces, as it is written.
 */
export function streamOverWebSocket(upgraded: UpgradedSocket, head: WireHead, gone: () => void): WireStream {
  const [protocol] = webSocketProtocols(upgraded.request);
  const type = String(head.headers['content-type'] ?? '');
  let webSocket: WebSocket | undefined;
  const send = senderOf(type, protocol);
  acceptWebSocket(upgraded, protocol, (accepted) => {
    webSocket = accepted;
    accepted.once('close', gone);
    // A watcher has nothing to say.
    accepted.on('message', () => undefined);
  });
  return {
    write: (chunk) => {
      if (webSocket === undefined || webSocket.readyState !== webSocket.OPEN) return;
      send(webSocket, chunk);
      if (webSocket.bufferedAmount > QUEUE_BYTES_MAX) webSocket.terminate();
    },
    end: () => webSocket?.close(1000),
  };
}

type Send = (webSocket: WebSocket, chunk: Uint8Array) => void;

function senderOf(type: string, protocol: string | undefined): Send {
  if (type.startsWith('application/json'))
    return (webSocket, chunk) => eachLine(chunk, (line) => webSocket.send(line, { binary: false }));
  if (type.includes('stream=watch')) return (webSocket, chunk) => eachFrame(chunk, (frame) => webSocket.send(frame));
  if (protocol === 'base64.binary.k8s.io') {
    return (webSocket, chunk) => webSocket.send(Buffer.from(chunk).toString('base64'));
  }
  return (webSocket, chunk) => webSocket.send(chunk);
}

/** A chunk holds whole lines. */
function eachLine(chunk: Uint8Array, send: (line: Uint8Array) => void): void {
  let begin = 0;
  for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, begin)) {
    send(chunk.subarray(begin, end + 1));
    begin = end + 1;
  }
}

/** A chunk holds whole frames. */
function eachFrame(chunk: Uint8Array, send: (frame: Uint8Array) => void): void {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  for (let at = 0; at + LENGTH_BYTES <= chunk.byteLength;) {
    const end = at + LENGTH_BYTES + view.getUint32(at);
    send(chunk.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
}
