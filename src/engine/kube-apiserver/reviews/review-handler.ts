import { timestamp } from '../../kernel/clock.js';
import { badRequest } from '../../machinery/status-error.js';
import type { Authorizer } from '../authorizer.port.js';
import { decodeBody } from '../decode-body.js';
import { managerOfAgent } from '../ownership/manager-of-agent.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import { bodyOfKind } from '../subresources/object-face.js';
import type { WireResponse } from '../wire.js';
import { writeOptionsOf } from '../writes/write-options.js';
import type { Review } from './review.js';

/** POST of a review. */
export function handleReview(
  parts: ServerParts,
  context: ResourceRequest,
  review: Review,
  authorizer: Authorizer,
): WireResponse {
  const { target, query, request, user, warnings } = context;
  parts.answers.checkAcceptable(context);
  const { fieldValidation, fieldManager = '' } = writeOptionsOf(query, 'CreateOptions');
  const body = { bytes: request.body, contentType: request.headers['content-type'] };
  const warn = (text: string): void => void warnings.push(text);
  const draft = decodeBody(body, bodyOfKind(target.kind), { text: parts.text, fieldValidation, warn });
  const given = draft.metadata?.namespace ?? '';
  if (target.namespace !== undefined && given !== '' && given !== target.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const manager = fieldManager === '' ? managerOfAgent(request.headers['user-agent']) : fieldManager;
  parts.fields.created({ kind: target.kind, subresource: '', manager }, draft);
  const now = timestamp(parts.simulation.now);
  const { authentication } = parts;
  review.answer(draft, { user, now, namespace: target.namespace, authorizer, authentication });
  return parts.answers.shown(context, { status: 201, object: draft, revision: parts.storage.revision }, {});
}
