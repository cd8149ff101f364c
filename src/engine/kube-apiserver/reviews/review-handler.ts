import { timestamp } from '../../kernel/clock.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { jsonCopy, type JsonValue } from '../../machinery/structure.js';
import { badRequest } from '../../machinery/status-error.js';
import type { AdmissionAttributes } from '../admission/admission.js';
import type { Authorizer } from '../authorizer.port.js';
import { decodeBody } from '../decode-body.js';
import { managerOfAgent } from '../ownership/manager-of-agent.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import { bodyOfKind } from '../subresources/object-face.js';
import type { WireResponse } from '../wire.js';
import { scopeOf } from '../writes/handler-support.js';
import { attempt, type Settle } from '../writes/settled.js';
import { writeOptionsOf, type WriteOptions } from '../writes/write-options.js';
import type { Review } from './review.js';

/** What a POST of a review is answered with. */
export interface ReviewAsking {
  readonly review: Review;
  readonly authorizer: Authorizer;
}

/** POST of a review: admitted as any other, though nothing is stored. */
export function handleReview(
  parts: ServerParts,
  context: ResourceRequest,
  { review, authorizer }: ReviewAsking,
  settle: Settle<WireResponse>,
): void {
  const { target, user } = context;
  parts.answers.checkAcceptable(context);
  const options = writeOptionsOf(context.query, 'CreateOptions');
  const draft = draftOf(parts, context, options);
  const scope = scopeOf(context, options);
  const { kind, namespace } = target;
  const { authentication, simulation } = parts;
  const asked: AdmissionAttributes = {
    operation: 'CREATE',
    kind,
    subresource: undefined,
    namespace,
    name: draft.metadata.name ?? '',
    user,
    isDryRun: options.isDryRun,
    options: options.told,
    object: draft,
    old: undefined,
  };
  parts.admission.admit(asked, scope, settle, () => {
    // Validating plugins see what is asked, not what is answered; but what makes no sense is refused before.
    const judged = { ...asked, object: jsonCopy(draft as object as JsonValue) as object as Draft<KubeObject> };
    const now = timestamp(simulation.now);
    review.answer(draft, { user, now, namespace, authorizer, authentication });
    parts.admission.validate(judged, scope, settle, () => {
      const { revision } = parts.storage;
      attempt(settle, (once) =>
        once({ value: parts.answers.shown(context, { status: 201, object: draft, revision }, {}) }),
      );
    });
  });
}

function draftOf(
  parts: ServerParts,
  { target, request, warnings, audit }: ResourceRequest,
  { fieldValidation, fieldManager = '' }: WriteOptions,
): Draft<KubeObject> {
  const body = { bytes: request.body, contentType: request.headers['content-type'] };
  const warn = (text: string): void => void warnings.push(text);
  const draft = decodeBody(body, bodyOfKind(target.kind), { text: parts.text, fieldValidation, warn });
  audit?.requested(draft);
  const given = draft.metadata?.namespace ?? '';
  if (target.namespace !== undefined && given !== '' && given !== target.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const manager = fieldManager === '' ? managerOfAgent(request.headers['user-agent']) : fieldManager;
  parts.fields.created({ kind: target.kind, subresource: '', manager }, draft);
  return draft;
}
