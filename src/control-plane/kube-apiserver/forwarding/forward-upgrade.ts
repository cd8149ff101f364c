import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ForwardedRequest } from '../../../engine/kube-apiserver/aggregation/forwarded-request.js';
import type { WireStream } from '../../../engine/kube-apiserver/wire.js';
import type { UpgradedSocket } from '../streams/accept-web-socket.js';
import { refuseWith, responseOn } from '../streams/raw-response.js';
import { forwardedTarget, passedBack, refusalOf, type OpenForwarded } from './forwarded-target.js';

const SWITCHED_MIN = 400;

/** Passes on a request that asks to switch protocols; whatever is spoken then goes both ways untouched. */
export function forwardUpgrade(
  upgraded: UpgradedSocket,
  open: OpenForwarded,
  forwarded: ForwardedRequest,
): Pick<WireStream, 'end'> {
  const { request, socket } = upgraded;
  const end = (): void => void socket.destroy();
  const fail = (error: unknown): void => {
    const [status, text] = refusalOf(error, forwarded.url, 'error dialing backend');
    forwarded.answered?.(status);
    if (socket.writable) refuseWith(socket, status, text);
  };
  try {
    const asks = { connection: 'Upgrade', upgrade: request.headers.upgrade };
    const outgoing = open(forwardedTarget(forwarded, request, asks));
    let isAnswered = false;
    outgoing.on('error', (error) => {
      if (!isAnswered) fail(error);
    });
    outgoing.on('upgrade', (answer, backend: Duplex, first: Buffer) => {
      isAnswered = true;
      forwarded.answered?.(101);
      join(upgraded, answer, { backend, first });
    });
    outgoing.on('response', (answer) => {
      isAnswered = true;
      const { statusCode = 0 } = answer;
      forwarded.answered?.(statusCode < SWITCHED_MIN ? 503 : statusCode);
      passRefusal(upgraded, answer);
    });
    socket.once('close', () => outgoing.destroy());
    outgoing.end();
  } catch (error) {
    fail(error);
  }
  return { end };
}

interface Switched {
  readonly backend: Duplex;
  /** What came after the head of the answer. */
  readonly first: Buffer;
}

function join({ socket, head }: UpgradedSocket, answer: IncomingMessage, { backend, first }: Switched): void {
  const lines: string[] = [];
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2) {
    lines.push(`${answer.rawHeaders[at]}: ${answer.rawHeaders[at + 1]}\r\n`);
  }
  socket.write(`HTTP/1.1 101 ${answer.statusMessage ?? ''}\r\n${lines.join('')}\r\n`);
  if (first.byteLength > 0) socket.write(first);
  if (head.byteLength > 0) backend.write(head);
  const gone = (): void => {
    socket.destroy();
    backend.destroy();
  };
  for (const side of [socket, backend]) side.on('error', gone).on('close', gone);
  socket.pipe(backend);
  backend.pipe(socket);
}

/** Only an error is worth telling a client that wants to switch. */
function passRefusal({ request, socket }: UpgradedSocket, answer: IncomingMessage): void {
  const { statusCode = 0 } = answer;
  if (statusCode < SWITCHED_MIN) {
    answer.destroy();
    return refuseWith(socket, 503, `invalid upgrade response: status code ${statusCode}\n`);
  }
  const response = responseOn(request, socket);
  response.writeHead(statusCode, passedBack(answer.headers));
  answer.on('error', () => socket.destroy());
  answer.pipe(response);
}
