import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { ForwardedRequest } from '../../../engine/kube-apiserver/aggregation/forwarded-request.js';
import { passedHeaders } from '../../../engine/kube-apiserver/aggregation/request-headers.js';
import type { HeaderValues } from '../../../engine/kube-apiserver/outside/outside-effect.js';
import { AUDIT_ID_HEADER } from '../../../hosting/audit-id.js';
import { outgoingFault, UnreadableBundleError, type OutgoingTarget } from '../../../hosting/outgoing-requests.js';

/** Opens a request to a server outside, its body still to be sent. It throws where the request may not go there. */
export type OpenForwarded = (target: Omit<OutgoingTarget, 'identity'>) => ClientRequest;

const FORWARDED_FOR = 'x-forwarded-for';
const NOT_PASSED_BACK: readonly string[] = [
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
];

/** Where a request goes on to, with what the connection that it came on tells of it. */
export const forwardedTarget = (
  { url, method, serverName, caBundle, isInsecure, headers }: ForwardedRequest,
  { socket, headers: given }: IncomingMessage,
  own: HeaderValues,
): Omit<OutgoingTarget, 'identity'> => {
  const former = given[FORWARDED_FOR];
  const peer = socket.remoteAddress ?? '';
  const path = typeof former === 'string' && former !== '' ? `${former}, ${peer}` : peer;
  return { url, method, serverName, caBundle, isInsecure, headers: { ...headers, [FORWARDED_FOR]: path, ...own } };
};

/** By which the client knows its request, where the server behind does not tell it. */
export const auditIdIn = ({ headers }: ForwardedRequest): OutgoingHttpHeaders => {
  const { [AUDIT_ID_HEADER]: auditID } = headers;
  return typeof auditID === 'string' ? { [AUDIT_ID_HEADER]: auditID } : {};
};

/** The headers of an answer that are the client's business. A length that is told stays true. */
export function passedBack(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const { 'content-length': length } = headers;
  const passed = Object.entries(passedHeaders(headers)).filter(([name]) => !NOT_PASSED_BACK.includes(name));
  return {
    ...(Object.fromEntries(passed) as OutgoingHttpHeaders),
    ...(length === undefined ? {} : { 'content-length': length }),
  };
}

/** A server behind the aggregator may not send clients elsewhere, where they would bring their credentials. */
export const isRedirect = ({ statusCode = 0, headers }: IncomingMessage): boolean =>
  statusCode >= 300 && statusCode <= 399 && (headers.location ?? '') !== '';
export const REDIRECT_TEXT = 'the backend attempted to redirect this request, which is not permitted';

/** The answer where the server behind could not be asked. */
export const refusalOf = (error: unknown, url: string, what: string): readonly [status: number, text: string] =>
  error instanceof UnreadableBundleError
    ? [500, `${error.message}\n`]
    : [503, `${what}: ${outgoingFault(error, url)}\n`];
