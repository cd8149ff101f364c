/** What a request asks for, told from its method and URL alone. Mirrors apiserver's `RequestInfoFactory`. */
import { exactFieldValue, parseFieldSelector, type FieldRequirements } from '../../machinery/field-selector.js';
import { pathSegmentFaults } from '../../machinery/names.js';
import { StatusError } from '../../machinery/status-error.js';
import type { UserInfo } from '../../machinery/user.js';
import type { AuthorizationAttributes } from '../authorizer.port.js';
import type { Query } from '../query.js';
import { asksToWatch } from '../reads/list-options.js';
import type { WireRequest } from '../wire.js';

/** `/api/v1` and `/apis/<group>/<version>`. */
const LEGACY_ROOT = 2;
const GROUP_ROOT = 3;
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
  const parts = segmentsOf(path);
  const isLegacy = parts[0] === 'api';
  const rootLength = isLegacy ? LEGACY_ROOT : GROUP_ROOT;
  if ((!isLegacy && parts[0] !== 'apis') || parts.length <= rootLength) {
    return { ...NOTHING, user, verb: request.method.toLowerCase(), path, isResource: false };
  }
  const group = isLegacy ? '' : parts[1]!;
  const version = parts[rootLength - 1]!;
  const isPrefixed = PREFIXED_VERBS.includes(parts[rootLength]!) && parts.length > rootLength + 1;
  let at = isPrefixed ? rootLength + 1 : rootLength;
  let namespace = '';
  if (parts[at] === 'namespaces' && parts.length > at + 1) {
    namespace = parts[at + 1]!;
    if (parts.length > at + 2 && !NAMESPACE_SUBRESOURCES.includes(parts[at + 2]!)) at += 2;
  }
  const methodVerb = isPrefixed ? parts[rootLength]! : (METHOD_VERBS[request.method] ?? '');
  const resource = parts[at]!;
  const subresource = methodVerb === 'proxy' ? '' : (parts[at + 2] ?? '');
  const { verb, name, fields } = narrowed(methodVerb, parts[at + 1] ?? '', query);
  return { user, verb, group, version, resource, subresource, namespace, name, path, isResource: true, fields };
}

const NOTHING = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };

function segmentsOf(path: string): readonly string[] {
  let start = 0;
  let end = path.length;
  while (path[start] === '/') start++;
  while (end > start && path[end - 1] === '/') end--;
  return path.slice(start, end).split('/');
}

/** What is asked of a collection depends on the query. */
function narrowed(
  verb: string,
  name: string,
  query: Query,
): { readonly verb: string; readonly name: string; readonly fields: FieldRequirements } {
  if (name !== '') return { verb, name, fields: NO_FIELDS };
  if (verb === 'delete') return { verb: 'deletecollection', name, fields: fieldsOf(query) };
  if (verb !== 'get') return { verb, name, fields: verb === 'watch' ? fieldsOf(query) : NO_FIELDS };
  const fields = fieldsOf(query);
  const wanted = exactFieldValue(fields, 'metadata.name') ?? '';
  const selected = wanted !== '' && pathSegmentFaults(wanted).length === 0 ? wanted : '';
  return { verb: isWatch(query) ? 'watch' : 'list', name: selected, fields };
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
function readableFields(text: string): FieldRequirements {
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
