import type { Kind } from '../machinery/kind.js';
import { badRequest, notFound } from '../machinery/status-error.js';
import { goQuote } from '../machinery/go-text.js';
import { isFlowDump } from './flow-control/flow-dump-paths.js';
import type { KindRegistry } from './kind-registry.js';

/** A path below a served group and version that names a kind's collection, object or subresource. */
export interface ResourceTarget {
  readonly type: 'resource';
  readonly kind: Kind;
  /** `undefined` for cluster-scoped kinds and for a namespaced kind's collection over all namespaces. */
  readonly namespace: string | undefined;
  /** `undefined` for a collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** What follows the subresource, with its leading slash: the path of a proxied request. */
  readonly subpath: string | undefined;
  /** The deprecated `/watch/` form: a GET is a watch without the parameter. */
  readonly isWatchPath: boolean;
}

/** Everything else that is served: what `path` means is up to the handler. */
export interface OtherTarget {
  readonly type: 'discovery' | 'health' | 'version' | 'openapi' | 'metrics' | 'index' | 'identity' | 'debug';
  /** Decoded, without a trailing slash. */
  readonly path: string;
}

export type RequestTarget =
  | ResourceTarget
  | OtherTarget
  /** Plain-text `404 page not found`. */
  | { readonly type: 'unknown-group' }
  /** What upstream's filters cannot make sense of: a plain-text 500. */
  | { readonly type: 'no-request-info'; readonly path: string }
  /** A Status 404. */
  | { readonly type: 'unknown-resource' };

const UNKNOWN_GROUP: RequestTarget = Object.freeze({ type: 'unknown-group' });
const UNKNOWN_RESOURCE: RequestTarget = Object.freeze({ type: 'unknown-resource' });
const HEALTH_PATHS = ['healthz', 'livez', 'readyz'];

/** What a path (still percent-encoded, below the cluster's root) asks for. @throws StatusError 400 for an impossible name. */
export function route(
  path: string,
  registry: KindRegistry,
  hasRemote: (group: string) => boolean = () => false,
): RequestTarget {
  const segments = segmentsOf(path);
  if (segments === undefined) return UNKNOWN_RESOURCE;
  const [root, second, third] = segments;
  if (root === 'api') {
    if (second === undefined) return { type: 'discovery', path: '/api' };
    if (!registry.hasVersion('', second)) return UNKNOWN_RESOURCE;
    if (third === undefined) return { type: 'discovery', path: `/api/${second}` };
    return routeResource({ group: '', version: second, segments: segments.slice(2), registry });
  }
  if (root === 'apis') {
    if (second === undefined) return { type: 'discovery', path: '/apis' };
    const isKnown = second !== '' && (registry.hasGroup(second) || (segments.length === 2 && hasRemote(second)));
    if (!isKnown) return UNKNOWN_GROUP;
    if (third === undefined) return { type: 'discovery', path: `/apis/${second}` };
    if (!registry.hasVersion(second, third)) return registry.isCustomGroup(second) ? UNKNOWN_GROUP : UNKNOWN_RESOURCE;
    if (segments.length === 3) return { type: 'discovery', path: `/apis/${second}/${third}` };
    const found = routeResource({ group: second, version: third, segments: segments.slice(3), registry });
    // Definitions are served by another server than the rest, which knows no resource but theirs.
    return found.type === 'unknown-resource' && registry.isCustomGroup(second) ? UNKNOWN_GROUP : found;
  }
  return routeOther(segments);
}

function routeOther(segments: readonly string[]): RequestTarget {
  const [root = ''] = segments;
  const path = `/${segments.join('/')}`;
  if (segments.length === 0 || path === '/index.html') return { type: 'index', path: '/' };
  if (HEALTH_PATHS.includes(root)) return { type: 'health', path };
  if (path === '/version') return { type: 'version', path };
  // Paths that upstream's container knows by their root answer with a Status.
  if (root === 'version') return UNKNOWN_RESOURCE;
  if (root === 'openapi' && (segments[1] === 'v2' || segments[1] === 'v3')) return { type: 'openapi', path };
  if (root === 'metrics') return { type: 'metrics', path };
  if (isFlowDump(path)) return { type: 'debug', path };
  if (path === '/openid/v1/jwks' || path === '/.well-known/openid-configuration') return { type: 'identity', path };
  return UNKNOWN_GROUP;
}

interface ResourcePath {
  readonly group: string;
  readonly version: string;
  /** Below the group and version. */
  readonly segments: readonly string[];
  readonly registry: KindRegistry;
}

function routeResource(of: ResourcePath): RequestTarget {
  if (of.segments[0] !== 'watch') return routeBelow(of, false);
  if (of.segments.length === 1) {
    return { type: 'no-request-info', path: `${of.group === '' ? '/api' : `/apis/${of.group}`}/${of.version}/watch` };
  }
  return routeBelow({ ...of, segments: of.segments.slice(1) }, true);
}

function routeBelow({ group, version, segments, registry }: ResourcePath, isWatchPath: boolean): RequestTarget {
  const [first = '', second, third] = segments;
  const find = (plural: string): Kind | undefined => registry.byPlural(group, version, plural);
  if (first === 'namespaces' && second !== undefined && third !== undefined) {
    const kind = find(third);
    if (kind?.scope === 'Namespaced') {
      const namespace = second === '' ? undefined : second;
      return targetOf(kind, { namespace, rest: segments.slice(3), isWatchPath });
    }
    if (group !== '' || version !== 'v1') return UNKNOWN_RESOURCE;
  }
  const kind = find(first);
  if (kind === undefined) return UNKNOWN_RESOURCE;
  if (kind.scope === 'Namespaced' && segments.length > 1) return UNKNOWN_RESOURCE;
  return targetOf(kind, { namespace: undefined, rest: segments.slice(1), isWatchPath });
}

function targetOf(
  kind: Kind,
  below: { readonly namespace: string | undefined; readonly rest: readonly string[]; readonly isWatchPath: boolean },
): RequestTarget {
  const [name, subresource] = below.rest;
  if (kind.custom !== undefined) checkCustomPath(kind, below.rest);
  if (name === '' || subresource === '') return UNKNOWN_RESOURCE;
  if (subresource !== undefined && kind.subresources?.some((each) => each.name === subresource) !== true) {
    return UNKNOWN_RESOURCE;
  }
  if (below.rest.length > 2 && subresource !== 'proxy') return UNKNOWN_RESOURCE;
  if (below.isWatchPath && (subresource !== undefined || !kind.verbs.includes('watch'))) return UNKNOWN_RESOURCE;
  if (name !== undefined) checkName(name);
  return {
    type: 'resource',
    kind,
    namespace: below.namespace,
    name,
    subresource,
    subpath: below.rest.length > 2 ? `/${below.rest.slice(2).join('/')}` : undefined,
    isWatchPath: below.isWatchPath,
  };
}

/** A path below an object that its definition does not have. @throws StatusError 404 */
function checkCustomPath(kind: Kind, [name, subresource, ...deeper]: readonly string[]): void {
  const isKnown = subresource === undefined || kind.subresources?.some((each) => each.name === subresource) === true;
  if (name === undefined || (name !== '' && isKnown && deeper.length === 0)) return;
  throw notFound({ group: kind.group, resource: kind.plural }, name);
}

/** Names that could not be a part of a path. */
function checkName(name: string): void {
  const fault =
    name === '.' || name === '..' ? `may not be '${name}'` : name.includes('%') ? "may not contain '%'" : '';
  if (fault !== '') throw badRequest(`Name parameter invalid: ${goQuote(name)}: ${fault}`);
}

/** The decoded segments; `undefined` when one cannot be decoded or holds an encoded slash. A trailing slash counts for nothing. */
function segmentsOf(path: string): readonly string[] | undefined {
  const parts = path.slice(1).split('/');
  if (parts.at(-1) === '') parts.pop();
  if (!path.includes('%')) return parts;
  const decoded: string[] = [];
  for (const part of parts) {
    const text = decodePart(part);
    if (text === undefined || text.includes('/')) return undefined;
    decoded.push(text);
  }
  return decoded;
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
