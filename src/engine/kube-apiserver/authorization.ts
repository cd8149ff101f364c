import { goQuote } from '../machinery/go-text.js';
import { forbidden, type StatusError } from '../machinery/status-error.js';
import { ALL_POWERFUL_GROUP } from '../machinery/user.js';
import type { AuditRecord } from './audit/audit-record.js';
import { authorized } from './audit/auditor.js';
import { requestAttributes } from './authorization/request-attributes.js';
import type { AuthorizationAttributes, Authorizer } from './authorizer.port.js';
import type { RequestContext } from './request-context.js';

/** Refuses a request that the authoriser does not allow, whether or not there is what it asks for. @throws StatusError 403 */
export function authorizeRequest(
  authorizer: Authorizer,
  attributes: AuthorizationAttributes | undefined,
  audit: AuditRecord | undefined,
): void {
  if (attributes === undefined) {
    if (audit !== undefined) authorized(audit, true, '');
    return;
  }
  const verdict = authorizer.authorize(attributes);
  if (audit !== undefined) authorized(audit, verdict.isAllowed, verdict.reason);
  if (!verdict.isAllowed) throw refusal(attributes, verdict.reason);
}

/** What a request asks for. Most are the administrator's: nothing need be known about them. */
export const attributesOf = ({ request, query, user }: RequestContext): AuthorizationAttributes | undefined =>
  user.groups.includes(ALL_POWERFUL_GROUP) ? undefined : requestAttributes(request, query, user);

/** The same as if it used another verb. @throws StatusError 403 */
export function authorizeVerb(authorizer: Authorizer, { request, query, user }: RequestContext, verb: string): void {
  if (user.groups.includes(ALL_POWERFUL_GROUP)) return;
  authorize(authorizer, { ...requestAttributes(request, query, user), verb });
}

/** @throws StatusError 403 in upstream's words. */
export function authorize(authorizer: Authorizer, attributes: AuthorizationAttributes): void {
  const { isAllowed, reason } = authorizer.authorize(attributes);
  if (!isAllowed) throw refusal(attributes, reason);
}

function refusal(attributes: AuthorizationAttributes, reason: string): StatusError {
  const { user, verb, group, resource, subresource, namespace, name, path, isResource } = attributes;
  const who = `User ${goQuote(user.username)} cannot ${verb}`;
  const because = reason === '' ? '' : `: ${reason}`;
  if (!isResource) return forbidden({ group: '', resource: '' }, '', `${who} path ${goQuote(path)}${because}`);
  const what = `resource ${goQuote(subresource === '' ? resource : `${resource}/${subresource}`)} in API group ${goQuote(group)}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`;
  return forbidden({ group, resource }, name, `${who} ${what} ${where}${because}`);
}
