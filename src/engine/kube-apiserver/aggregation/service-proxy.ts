/**
 * Requests to groups that another server serves, as the aggregator sends them on. Left out: protocols that a request switches
 * to, answers that never end, and the certificate that shows who passes on the names of users.
 */
import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import type { UserInfo } from '../../machinery/user.js';
import type { HeaderValues } from '../outside/outside-effect.js';
import type { RequestContext } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { WireHead, WireResponse } from '../wire.js';
import type { Settle } from '../writes/settled.js';
import { isAvailable, serviceFault, serviceName } from './service-endpoint.js';

const TIMEOUT_SECONDS = 60;
/** Between two servers only, or another's business. */
const KEPT_BACK: readonly string[] = [
  'authorization',
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Only for who is allowed to ask. */
export function proxyToService(
  { answers, outside, reader }: ServerParts,
  { request, user }: RequestContext,
  service: APIService,
  settle: Settle<WireResponse>,
): void {
  const refuse = (text: string): void => settle({ value: answers.text(503, `${text}\n`) });
  const { spec } = service;
  const reference = spec?.service;
  if (reference === undefined || !isAvailable(service)) return refuse('service unavailable');
  const base = outside.serviceUrl(`${reference.namespace ?? ''}/${reference.name ?? ''}`);
  if (base === undefined) return refuse(`error trying to reach service: ${serviceFault(reference, reader).fault}`);
  const call = {
    url: `${base.replace(/\/$/, '')}${request.path}${request.query === '' ? '' : `?${request.query}`}`,
    serverName: serviceName(reference),
    caBundle: spec?.caBundle ?? '',
    isInsecure: spec?.insecureSkipTLSVerify === true,
    timeoutSeconds: TIMEOUT_SECONDS,
    method: request.method,
    headers: { ...passed(request.headers), ...identityHeaders(user) },
    body: request.body,
  };
  outside.call(call, (result) => {
    if (result.fault !== undefined) return refuse(`error trying to reach service: ${result.fault}`);
    const headers = passed(result.headers ?? {}) as WireHead['headers'];
    settle({ value: { status: result.status, headers, body: [result.body], revision: 0 } });
  });
}

/** Nobody but this server says who asks. */
function passed(headers: HeaderValues): HeaderValues {
  const isPassed = (name: string): boolean =>
    !KEPT_BACK.includes(name) && !name.startsWith('x-remote-') && !name.startsWith('impersonate-');
  return Object.fromEntries(Object.entries(headers).filter(([name, value]) => value !== undefined && isPassed(name)));
}

/** As servers behind the aggregator take them from it. */
export function identityHeaders({
  username,
  groups,
  extra = {},
}: Pick<UserInfo, 'username' | 'groups' | 'extra'>): HeaderValues {
  const extras = Object.entries(extra).map(
    ([name, values]) => [`x-remote-extra-${escapedName(name)}`, values] as const,
  );
  return { 'x-remote-user': username, 'x-remote-group': groups, ...Object.fromEntries(extras) };
}

/** What may not stand in a header's name is percent-encoded, and the percent sign itself. */
const escapedName = (name: string): string =>
  name.toLowerCase().replace(/[^a-z0-9!#$&'*+.^_`|~-]/gu, (each) => encodeURIComponent(each).replace('/', '%2F'));
