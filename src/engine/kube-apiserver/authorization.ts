import { goQuote } from '../machinery/go-text.js';
import { forbidden, type StatusError } from '../machinery/status-error.js';
import { ALL_POWERFUL_GROUP } from '../machinery/user.js';
import type { AuthorizationAttributes, Authorizer } from './authorizer.port.js';
import type { RequestContext, ResourceRequest } from './request-context.js';
import type { RequestVerb } from './request-verb.js';

/** Refuses what the authoriser does not allow. @throws StatusError 403 */
export function authorize(authorizer: Authorizer | undefined, context: ResourceRequest, verb: RequestVerb): void {
  if (authorizer === undefined || context.user.groups.includes(ALL_POWERFUL_GROUP)) return;
  const { kind, namespace = '', name = '', subresource = '' } = context.target;
  const attributes: AuthorizationAttributes = {
    user: context.user,
    verb,
    group: kind.group,
    version: kind.version,
    resource: kind.plural,
    subresource,
    namespace,
    name,
    path: context.request.path,
    isResource: true,
  };
  const reason = authorizer.authorize(attributes);
  if (reason !== undefined) throw refusal(attributes, reason);
}

/** The same for a path that names no resource. @throws StatusError 403 */
export function authorizePath(authorizer: Authorizer | undefined, context: RequestContext): void {
  if (authorizer === undefined || context.user.groups.includes(ALL_POWERFUL_GROUP)) return;
  const { path, method } = context.request;
  const none = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };
  const verb = method.toLowerCase();
  const reason = authorizer.authorize({ user: context.user, verb, ...none, path, isResource: false });
  if (reason === undefined) return;
  const message = `User ${goQuote(context.user.username)} cannot ${verb} path ${goQuote(path)}`;
  throw forbidden({ group: '', resource: '' }, '', `${message}${reason === '' ? '' : `: ${reason}`}`);
}

function refusal(
  { user, verb, group, resource, subresource, namespace, name }: AuthorizationAttributes,
  reason: string,
): StatusError {
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? ' at the cluster scope' : ` in the namespace ${goQuote(namespace)}`;
  const message = `User ${goQuote(user.username)} cannot ${verb} resource ${goQuote(what)} in API group ${goQuote(group)}${where}`;
  return forbidden({ group, resource }, name, reason === '' ? message : `${message}: ${reason}`);
}
