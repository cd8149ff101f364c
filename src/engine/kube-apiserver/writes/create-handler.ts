import { badRequest } from '../../machinery/status-error.js';
import { decodeBody } from '../decode-body.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { Face } from '../subresources/face.js';
import type { WireResponse } from '../wire.js';
import { answerWritten, scopeOf, writerOf } from './handler-support.js';
import { dropDoubledOwners } from './owner-references.js';
import type { Settle } from './settled.js';
import { writeOptionsOf } from './write-options.js';

/** POST to a collection. */
export function handleCreate(
  parts: ServerParts,
  context: ResourceRequest,
  face: Face,
  settle: Settle<WireResponse>,
): void {
  const { target, query, request, warnings, audit } = context;
  parts.answers.checkAcceptable(context);
  const options = writeOptionsOf(query, 'CreateOptions');
  const { fieldValidation, fieldManager } = options;
  const body = { bytes: request.body, contentType: request.headers['content-type'] };
  const warn = (text: string): void => void warnings.push(text);
  const draft = decodeBody(body, face.body, { text: parts.text, fieldValidation, warn, specs: parts.specs });
  const given = draft.metadata?.namespace ?? '';
  if (target.namespace !== undefined && given !== '' && given !== target.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (target.kind.scope === 'Cluster') delete draft.metadata.namespace;
  target.kind.defaults?.(draft);
  audit?.requested(draft);
  dropDoubledOwners(draft, false, warn);
  parts.fields.created(writerOf(context, face, fieldManager), draft);
  parts.writer.create(scopeOf(context, options), draft, answerWritten(parts, context, face, settle));
}
