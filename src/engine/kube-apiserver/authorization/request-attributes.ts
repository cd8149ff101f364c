/** What a request asks for, told from its method and URL alone. Mirrors apiserver's `RequestInfoFactory`. */
import { exactFieldValue, parseFieldSelector, type FieldRequirements } from '../../machinery/field-selector.js';
import { pathSegmentFaults } from '../../machinery/names.js';
import { StatusError } from '../../machinery/status-error.js';
import type { UserInfo } from '../../machinery/user.js';
import type { AuthorizationAttributes } from '../authorizer.port.js';
import type { Query } from '../query.js';
import { asksToWatch } from '../reads/list-options.js';
import type { WireRequest } from '../wire.js';

const PREFIXED_VERBS: readonly string[] = ['proxy', 'watch'];
const NAMESPACE_SUBRESOURCES: readonly string[] = ['status', 'finalize'];
const NO_FIELDS: FieldRequirements = Object.freeze([]);
const METHOD_VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

type RequestLine = Pick<WireRequest, 'method' | 'path'>;

/** The path need not exist: what is asked is whether it may be asked for. */
export function requestAttributes(request: RequestLine, query: Query, user: UserInfo): AuthorizationAttributes {
  const path = decoded(request.path);
  const [prefix, ...rest] = path.replace(/^\/+|\/+$/g, '').split('/');
  const isLegacy = prefix === 'api';
  const resourceParts = isLegacy ? rest.slice(1) : rest.slice(2);
  if ((!isLegacy && prefix !== 'apis') || resourceParts.length === 0) {
    return { ...NOTHING, user, verb: request.method.toLowerCase(), path, isResource: false };
  }
  const group = isLegacy ? '' : (rest[0] ?? '');
  const version = (isLegacy ? rest[0] : rest[1]) ?? '';
  const place = placeOf(resourceParts, METHOD_VERBS[request.method] ?? '');
  return { ...narrowed(place, query), user, group, version, path, isResource: true };
}

const NOTHING = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };

type Place = Pick<AuthorizationAttributes, 'verb' | 'namespace' | 'resource' | 'name' | 'subresource'>;

/** Of the segments below the group and version. */
function placeOf(segments: readonly string[], methodVerb: string): Place {
  const [first = ''] = segments;
  const isPrefixed = PREFIXED_VERBS.includes(first) && segments.length > 1;
  const verb = isPrefixed ? first : methodVerb;
  let parts = isPrefixed ? segments.slice(1) : segments;
  let namespace = '';
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1] ?? '';
    if (parts.length > 2 && !NAMESPACE_SUBRESOURCES.includes(parts[2] ?? '')) parts = parts.slice(2);
  }
  const [resource = '', name = ''] = parts;
  return { verb, namespace, resource, name, subresource: verb === 'proxy' ? '' : (parts[2] ?? '') };
}

function narrowed(place: Place, query: Query): Place & { readonly fields: FieldRequirements } {
  if (place.name !== '') return { ...place, fields: NO_FIELDS };
  if (place.verb === 'delete') return { ...place, verb: 'deletecollection', fields: fieldsOf(query) };
  if (place.verb === 'watch') return { ...place, fields: fieldsOf(query) };
  if (place.verb !== 'get') return { ...place, fields: NO_FIELDS };
  const fields = fieldsOf(query);
  const wanted = exactFieldValue(fields, 'metadata.name') ?? '';
  const name = wanted !== '' && pathSegmentFaults(wanted).length === 0 ? wanted : '';
  return { ...place, verb: isWatch(query) ? 'watch' : 'list', name, fields };
}

/** Options that cannot be read are refused later, by whoever reads them. */
function isWatch(query: Query): boolean {
  try {
    return asksToWatch(query);
  } catch (error) {
    if (error instanceof StatusError) return query.flag('watch');
    throw error;
  }
}

const fieldsOf = (query: Query): FieldRequirements => readableFields(query.get('fieldSelector') ?? '');

/** A selector that cannot be read restricts nothing. */
export function readableFields(text: string): FieldRequirements {
  if (text === '') return NO_FIELDS;
  try {
    return parseFieldSelector(text);
  } catch (error) {
    if (error instanceof StatusError) return NO_FIELDS;
    throw error;
  }
}

function decoded(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}
