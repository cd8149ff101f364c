import { endpointSlice } from '../../kinds/endpoint-slice.js';
import { pod as podKind } from '../../kinds/pod.js';
import type { Node, Pod, Service } from '../../machinery/api/core-v1.js';
import { goQuote } from '../../machinery/go-text.js';
import type { KubeObject } from '../../machinery/object.js';
import { badRequest, notFound, serviceUnavailable } from '../../machinery/status-error.js';
import { pathBelow, segmentsBelow, type ConnectOptions } from './connect-options.js';
import type { ContainerSessions, ProxiedRequest, ProxiedResponse } from '../container-sessions.port.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { WireResponse } from '../wire.js';

const PROXY_NAME = /^(?:(https?):)?([^:]+)(?::([^:]*))?$/;
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const KUBELET_PORT = 10250;

/** Something that a proxied request goes to. */
interface Backend {
  /** `host:port`, for what is said when nothing answers there. */
  readonly address: string;
  ask(sessions: ContainerSessions, request: ProxiedRequest): ProxiedResponse | undefined;
}

/** A request that is passed on to a pod, to an endpoint of a service, or to a kubelet. @throws StatusError */
export function handleProxy(parts: ServerParts, context: ResourceRequest, { path = '' }: ConnectOptions): WireResponse {
  const { request } = context;
  const backend = backendOf(parts, context);
  const { revision } = parts.storage;
  const query = request.query === '' ? '' : `?${request.query}`;
  // Still encoded, as the server behind must see it.
  const below = pathBelow(context) === path ? segmentsBelow(context) : path.split('/').slice(1).map(encodeURIComponent);
  if (below.length === 0 && ['GET', 'HEAD'].includes(request.method)) {
    return { status: 301, headers: { location: `proxy/${query}` }, body: [], revision };
  }
  const proxied = { method: request.method, target: `/${below.join('/')}${query}` };
  const answer = parts.sessions === undefined ? undefined : backend.ask(parts.sessions, proxied);
  if (answer === undefined) {
    const refused = `dial tcp ${backend.address}: connect: connection refused`;
    throw serviceUnavailable(`error trying to reach service: ${refused}`);
  }
  return { status: answer.status, headers: answer.headers, body: [answer.body], revision };
}

interface Place {
  readonly object: KubeObject;
  readonly host: string;
  /** As the request names it; empty where it names none. */
  readonly port: string;
}

function backendOf(parts: ServerParts, { target }: ResourceRequest): Backend {
  const { kind, name = '', namespace } = target;
  const [, , host, port = ''] = PROXY_NAME.exec(name) ?? [];
  if (host === undefined) throw badRequest(`invalid ${kind.kind.toLowerCase()} request ${goQuote(name)}`);
  const object = parts.reader.get(kind, namespace === undefined ? host : `${namespace}/${host}`);
  const isExternal = kind.plural === 'services' && (object as Service | undefined)?.spec?.type === 'ExternalName';
  if (object === undefined || isExternal) throw notFound({ group: kind.group, resource: kind.plural }, host);
  const place = { object, host, port };
  if (kind.plural === 'pods') return podBackend(place);
  return kind.plural === 'services' ? serviceBackend(parts, place) : nodeBackend(place);
}

function podBackend({ object, port }: Place): Backend {
  const pod = object as Pod;
  const ip = pod.status?.podIP ?? '';
  if (ip === '') throw badRequest('address not allowed');
  const wanted = port === '' ? String(pod.spec.containers[0]?.ports?.[0]?.containerPort ?? 80) : port;
  return podAt(pod.metadata.namespace ?? '', pod.metadata.name, ip, Number(wanted));
}

function podAt(namespace: string, pod: string, ip: string, port: number): Backend {
  return {
    address: `${ip}:${port}`,
    ask: (sessions, request) => sessions.request({ namespace, pod }, port, request),
  };
}

/** The first ready endpoint: upstream takes any. */
function serviceBackend({ reader }: ServerParts, { object, host, port }: Place): Backend {
  const service = object as Service;
  const namespace = service.metadata.namespace ?? '';
  const portName = portNameOf(service, port);
  const slices = reader
    .list(endpointSlice, namespace)
    .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME_LABEL] === host);
  for (const { ports, endpoints } of slices) {
    const open = ports?.find(({ name = '' }) => name === portName)?.port;
    const ready = endpoints?.find(({ conditions }) => conditions?.ready !== false);
    const pod = ready?.targetRef?.name;
    if (open !== undefined && pod !== undefined && reader.get(podKind, `${namespace}/${pod}`) !== undefined) {
      return podAt(namespace, pod, ready?.addresses[0] ?? '', open);
    }
  }
  throw serviceUnavailable(`no endpoints available for service ${goQuote(host)}`);
}

/** A service's port may be named or numbered; without either it is the only one. */
function portNameOf({ spec }: Service, port: string): string | undefined {
  const ports = spec?.ports ?? [];
  if (port === '') return ports.length === 1 ? (ports[0]?.name ?? '') : '';
  return (ports.find((each) => String(each.port) === port) ?? { name: port }).name ?? '';
}

function nodeBackend({ object, host }: Place): Backend {
  const { status } = object as Node;
  const ip = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? host;
  return {
    address: `${ip}:${KUBELET_PORT}`,
    ask: (sessions, request) => sessions.nodeRequest(host, request),
  };
}
