import { badRequest, StatusError } from '../../machinery/status-error.js';
import { asksToWatch } from '../reads/list-options.js';
import type { ResourceRequest } from '../request-context.js';
import type { RequestVerb } from '../request-verb.js';
import type { ResourceTarget } from '../routing.js';
import type { WireRequest } from '../wire.js';

/** What a method means on a path of custom resources: their server takes more than others do. @throws StatusError 400, 405 */
export function customVerb({ request, target, query }: ResourceRequest): RequestVerb {
  const { kind, name, subresource } = target;
  const verb = verbOf(request.method, name !== undefined);
  const isRead = verb === 'get' || verb === 'list';
  if (target.isWatchPath && isRead) return 'watch';
  if (subresource !== undefined) {
    if (verb === 'get' || verb === 'update' || verb === 'patch') return verb;
    throw notSupported(kind.group, kind.plural, verb);
  }
  if (verb === undefined) throw notSupported(kind.group, kind.plural, verb);
  if (verb === 'list' && asksToWatch(query)) return 'watch';
  if (name === undefined && (verb === 'update' || verb === 'patch')) throw badRequest('name must be provided');
  return verb;
}

function verbOf(method: string, isObject: boolean): RequestVerb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return isObject ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return isObject ? 'delete' : 'deletecollection';
    default:
      return undefined;
  }
}

const notSupported = (group: string, resource: string, verb: RequestVerb | undefined): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `${verb ?? ''} is not supported on resources of kind "${resource}.${group}"`,
    reason: 'MethodNotAllowed',
    details: { group, kind: resource },
    code: 405,
  });

/** Of a namespaced kind, all namespaces can only be read: upstream's server of custom resources knows no other path. */
export const isElsewhere = ({ method }: WireRequest, { kind, namespace, name }: ResourceTarget): boolean =>
  kind.custom !== undefined &&
  kind.scope === 'Namespaced' &&
  namespace === undefined &&
  (name !== undefined || (method !== 'GET' && method !== 'HEAD'));
