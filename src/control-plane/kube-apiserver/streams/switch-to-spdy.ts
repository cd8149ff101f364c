import type { UpgradedSocket } from './accept-web-socket.js';
import { refuseWith, switchTo } from './raw-response.js';
import { streamProtocols } from './upgrade-request.js';

/**
 * Answers a request for SPDY/3.1. The protocol of the streams in it: the client's first that is among `known`, or none
 * where the client names none; `undefined` where the request was refused.
 */
export function switchToSpdy({ request, socket, head }: UpgradedSocket, known: readonly string[]): string | undefined {
  const wanted = streamProtocols(request);
  const protocol = wanted.find((each) => known.includes(each)) ?? '';
  if (wanted.length > 0 && protocol === '') {
    const text = `unable to upgrade: unable to negotiate protocol: client supports [${wanted.join(' ')}], server accepts [${known.join(' ')}]`;
    refuseWith(socket, 403, text, { 'X-Accepted-Stream-Protocol-Versions': known.join(', ') });
    return undefined;
  }
  switchTo(socket, {
    upgrade: 'SPDY/3.1',
    ...(protocol === '' ? {} : { 'X-Stream-Protocol-Version': protocol }),
  });
  if (head.byteLength > 0) socket.unshift(head);
  return protocol;
}
