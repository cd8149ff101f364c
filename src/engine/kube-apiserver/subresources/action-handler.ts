import { badRequest } from '../../machinery/status-error.js';
import { decodeBody } from '../decode-body.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { WireResponse } from '../wire.js';
import { keyOfTarget, scopeOf } from '../writes/handler-support.js';
import type { Settle } from '../writes/settled.js';
import { writeOptionsOf } from '../writes/write-options.js';
import type { SubresourceAction } from './action.js';

/** POST to a subresource that does something. */
export function handleAction(
  parts: ServerParts,
  context: ResourceRequest,
  action: SubresourceAction,
  settle: Settle<WireResponse>,
): void {
  const { target, query, request, warnings } = context;
  parts.answers.checkAcceptable(context);
  const { isDryRun, fieldValidation } = writeOptionsOf(query, 'CreateOptions');
  const warn = (text: string): void => void warnings.push(text);
  const body = { bytes: request.body, contentType: request.headers['content-type'] };
  const decodeContext = { text: parts.text, fieldValidation, warn };
  const decoded = decodeBody(body, action.expects(target.kind), decodeContext);
  const given = decoded.metadata?.namespace ?? '';
  if (target.namespace !== undefined && given !== '' && given !== target.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const scope = scopeOf(context, isDryRun);
  // The old way of binding names the pod in the body only.
  const name = target.name ?? decoded.metadata?.name ?? '';
  const key = keyOfTarget({ ...target, name });
  action.run(parts, { scope, key, body: decoded }, ({ value, error }) => {
    if (error !== undefined) return settle({ error });
    settle({ value: parts.answers.plain(context, value.status, value.body, value.revision) });
  });
}
