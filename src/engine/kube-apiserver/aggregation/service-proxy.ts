/**
 * Requests to groups that another server serves, as the aggregator sends them on: to a server outside, on whose side nothing
 * passes the cluster, or to a part of the simulation.
 */
import type { APIService } from '../../machinery/api/apiregistration-v1.js';
import type { Answers } from '../answers.js';
import type { RequestContext } from '../request-context.js';
import type { WireCall, WireReply } from '../wire.js';
import type { Backends } from './backends.js';
import type { ForwardedRequest } from './forwarded-request.js';
import { identityHeaders, passedHeaders } from './request-headers.js';
import { isAvailable, serviceName } from './service-endpoint.js';

const TIMEOUT_SECONDS = 60;
const DISCOVERY_TIMEOUT_SECONDS = 5;
/** `/apis/<group>/<version>` */
const DISCOVERY_PARTS = 3;
/** What goes on for as long as the client likes. */
const LONG_SUBRESOURCES: readonly string[] = ['attach', 'exec', 'log', 'portforward', 'proxy'];
const NO_CALL: WireCall = Object.freeze({ cancel: () => undefined });

interface ProxyParts {
  readonly answers: Answers;
  readonly backends: Backends;
}

/** Only for who is allowed to ask. */
export function proxyToService(
  { answers, backends }: ProxyParts,
  context: RequestContext,
  service: APIService,
  reply: WireReply,
): WireCall {
  const { request, user } = context;
  const refuse = (words: string): WireCall => {
    reply.respond(answers.text(503, `${words}\n`));
    return NO_CALL;
  };
  if (service.spec?.service === undefined || !isAvailable(service)) return refuse('service unavailable');
  const backend = backends.of(service);
  switch (backend.type) {
    case 'none':
      return refuse(`error trying to reach service: ${backend.fault.fault}`);
    case 'simulated': {
      const headers = passedHeaders(request.headers) as typeof request.headers;
      return backend.api.handle({ ...request, headers, user, token: undefined, impersonation: undefined }, reply);
    }
    case 'outside':
      if (reply.forward === undefined) return refuse('error trying to reach service: nothing carries requests there');
      reply.forward(forwarded(context, service, backend.base));
      return NO_CALL;
  }
}

function forwarded({ request, query, user }: RequestContext, { spec }: APIService, base: string): ForwardedRequest {
  const { path, method } = request;
  const url = `${base}${path}${request.query === '' ? '' : `?${request.query}`}`;
  const parts = path.split('/').filter((each) => each !== '');
  const watch = query.get('watch') ?? 'false';
  const isLong =
    !['false', '0'].includes(watch) ||
    parts[DISCOVERY_PARTS] === 'watch' ||
    parts.slice(DISCOVERY_PARTS + 1).some((each) => LONG_SUBRESOURCES.includes(each));
  const isDiscovery = parts.length === DISCOVERY_PARTS;
  return {
    url,
    serverName: serviceName(spec?.service ?? {}),
    caBundle: spec?.caBundle ?? '',
    isInsecure: spec?.insecureSkipTLSVerify === true,
    method,
    headers: {
      ...passedHeaders(request.headers),
      'x-forwarded-host': hostOf(base),
      'x-forwarded-proto': 'https',
      'x-forwarded-uri': path,
      ...identityHeaders(user),
      ...(request.auditID === undefined ? {} : { 'audit-id': request.auditID }),
    },
    timeoutSeconds: isLong ? undefined : isDiscovery ? DISCOVERY_TIMEOUT_SECONDS : TIMEOUT_SECONDS,
  };
}

const hostOf = (base: string): string => base.replace(/^[a-z]+:\/\//, '').split('/', 1)[0] ?? '';
