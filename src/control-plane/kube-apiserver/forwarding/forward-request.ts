import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import type { ForwardedRequest } from '../../../engine/kube-apiserver/aggregation/forwarded-request.js';
import type { WireStream } from '../../../engine/kube-apiserver/wire.js';
import { DeadlineError } from '../../../hosting/outgoing-requests.js';
import {
  auditIdIn,
  forwardedTarget,
  isRedirect,
  passedBack,
  REDIRECT_TEXT,
  refusalOf,
  type OpenForwarded,
} from './forwarded-target.js';

/** A request that goes on to another server, and where its answer goes. */
interface Passing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The whole body, where it has been read already. */
  readonly body: Uint8Array | undefined;
  readonly open: OpenForwarded;
}

/** Passes on a request as it comes, and the answer as it comes back: each side waits for the other, and goes with it. */
export function forwardRequest(passing: Passing, forwarded: ForwardedRequest): Pick<WireStream, 'end'> {
  const { request, response, body, open } = passing;
  const { url, timeoutSeconds } = forwarded;
  const fail = (error: unknown): void => {
    if (response.headersSent) response.destroy();
    else say(passing, forwarded, ...refusalOf(error, url, 'error trying to reach service'));
  };
  const opened = attempt(() => open(forwardedTarget(forwarded, request, lengthOf(request, body))), fail);
  if (opened === undefined) return { end: () => undefined };
  const outgoing = opened;
  let isAnswered = false;
  const late = (): void => void (isAnswered ? response.destroy() : outgoing.destroy(new DeadlineError()));
  const deadline = timeoutSeconds === undefined ? undefined : setTimeout(late, timeoutSeconds * 1_000);
  // An answer may come before all of the body is taken.
  outgoing.on('error', (error) => {
    if (!isAnswered) fail(error);
  });
  outgoing.on('response', (answer) => {
    isAnswered = true;
    passAnswer(passing, forwarded, answer);
  });
  outgoing.on('close', () => clearTimeout(deadline));
  response.on('close', () => {
    clearTimeout(deadline);
    outgoing.destroy();
  });
  if (body === undefined) request.pipe(outgoing);
  else outgoing.end(body);
  return {
    end: () => {
      outgoing.destroy();
      response.destroy();
    },
  };
}

function attempt(open: () => ClientRequest, fail: (error: unknown) => void): ClientRequest | undefined {
  try {
    return open();
  } catch (error) {
    fail(error);
    return undefined;
  }
}

/** How the body's end is told: as the client tells it. */
function lengthOf({ headers }: IncomingMessage, body: Uint8Array | undefined): Readonly<Record<string, string>> {
  if (body !== undefined) return body.byteLength === 0 ? {} : { 'content-length': String(body.byteLength) };
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  if (length !== undefined) return { 'content-length': length };
  return encoding === undefined ? {} : { 'transfer-encoding': 'chunked' };
}

function passAnswer(passing: Passing, forwarded: ForwardedRequest, answer: IncomingMessage): void {
  const { response } = passing;
  if (isRedirect(answer)) {
    answer.destroy();
    return say(passing, forwarded, 502, REDIRECT_TEXT);
  }
  const { statusCode = 502 } = answer;
  forwarded.answered?.(statusCode);
  response.writeHead(statusCode, {
    ...auditIdIn(forwarded),
    ...forwarded.answerHeaders,
    ...passedBack(answer.headers),
  });
  response.flushHeaders();
  // Whichever side ends first takes the other with it.
  pipeline(answer, response, () => undefined);
}

/** The rest of a body that nobody takes is not worth receiving. */
function say({ request, response }: Passing, forwarded: ForwardedRequest, status: number, text: string): void {
  forwarded.answered?.(status);
  if (response.destroyed) return;
  if (!request.complete) response.shouldKeepAlive = false;
  const plain = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  const headers = { ...auditIdIn(forwarded), ...forwarded.answerHeaders, ...plain };
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
