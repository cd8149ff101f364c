/** The headers of requests that the aggregator sends on, and of answers that it passes back. Mirrors its proxy's filters. */
import type { UserInfo } from '../../machinery/user.js';
import type { HeaderValues } from '../outside/outside-effect.js';

/** Between two servers only, or another's business. */
const KEPT_BACK: readonly string[] = [
  'authorization',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // Who asks is this server's word alone.
  'x-remote-user',
  'x-remote-group',
  'x-remote-uid',
];
const KEPT_BACK_PREFIXES: readonly string[] = ['x-remote-extra-', 'impersonate-'];
/** Carries a bearer token where a browser cannot set a header. */
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';
const PROTOCOLS = 'sec-websocket-protocol';

/** Names in lower case. What a `Connection` header names goes no further either. */
export function passedHeaders(headers: HeaderValues): HeaderValues {
  const named = String(headers['connection'] ?? '')
    .toLowerCase()
    .split(',')
    .map((each) => each.trim());
  const isPassed = (name: string): boolean =>
    !KEPT_BACK.includes(name) && !named.includes(name) && !KEPT_BACK_PREFIXES.some((prefix) => name.startsWith(prefix));
  const passed = Object.entries(headers).filter(([name, value]) => value !== undefined && isPassed(name));
  return withoutToken(Object.fromEntries(passed));
}

function withoutToken(headers: HeaderValues): HeaderValues {
  const { [PROTOCOLS]: offered, ...rest } = headers;
  if (typeof offered !== 'string' || !offered.includes(TOKEN_PROTOCOL)) return headers;
  const kept = offered
    .split(',')
    .map((each) => each.trim())
    .filter((each) => !each.startsWith(TOKEN_PROTOCOL));
  return kept.length === 0 ? rest : { ...rest, [PROTOCOLS]: kept.join(', ') };
}

/** As servers behind the aggregator take them from it. */
export function identityHeaders({ username, uid = '', groups, extra = {} }: UserInfo): HeaderValues {
  const extras = Object.entries(extra).map(
    ([name, values]) => [`x-remote-extra-${escapedName(name)}`, values] as const,
  );
  return {
    'x-remote-user': username,
    ...(uid === '' ? {} : { 'x-remote-uid': uid }),
    ...(groups.length === 0 ? {} : { 'x-remote-group': groups }),
    ...Object.fromEntries(extras),
  };
}

/** What may not stand in a header's name is percent-encoded, and the percent sign itself. */
const escapedName = (name: string): string =>
  name.toLowerCase().replace(/[^a-z0-9!#$&'*+.^_`|~-]/gu, (each) => encodeURIComponent(each).replace('/', '%2F'));
