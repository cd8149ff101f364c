import type { Draft, KubeObject } from '../../machinery/object.js';
import { badRequest } from '../../machinery/status-error.js';
import type { AdmissionAttributes } from '../admission/admission.js';
import { decodeBody } from '../decode-body.js';
import { managerOfAgent } from '../ownership/manager-of-agent.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import { dropField } from '../strategy/update-rules.js';
import type { WireResponse } from '../wire.js';
import { keyOfTarget, scopeOf } from '../writes/handler-support.js';
import { attempt, type Settle } from '../writes/settled.js';
import { writeOptionsOf } from '../writes/write-options.js';
import type { ActionCall, ActionDone, SubresourceAction } from './action.js';
import { bodyOfKind } from './object-face.js';

/** POST to a subresource that does something. */
export function handleAction(
  parts: ServerParts,
  context: ResourceRequest,
  action: SubresourceAction,
  settle: Settle<WireResponse>,
): void {
  const { target, query, request, warnings, audit } = context;
  parts.answers.checkAcceptable(context);
  const options = writeOptionsOf(query, 'CreateOptions');
  const { fieldValidation, fieldManager = '' } = options;
  const warn = (text: string): void => void warnings.push(text);
  const body = { bytes: request.body, contentType: request.headers['content-type'] };
  const { posts, otherVersions } = action;
  const expected = { ...bodyOfKind(posts), ...(otherVersions && { otherVersions }) };
  const decoded = decodeBody(body, expected, { text: parts.text, fieldValidation, warn });
  audit?.requested(decoded);
  const given = decoded.metadata?.namespace ?? '';
  if (target.namespace !== undefined && given !== '' && given !== target.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  // The old way of binding names the pod in the body only.
  const name = target.name ?? decoded.metadata?.name ?? '';
  const key = keyOfTarget({ ...target, name });
  posts.defaults?.(decoded);
  decoded.metadata ??= { name: '' };
  if (action.keepsIdentity !== true) dropField(decoded.metadata, 'uid');
  if (target.namespace !== undefined) decoded.metadata.namespace = target.namespace;
  const manager = fieldManager === '' ? managerOfAgent(request.headers['user-agent']) : fieldManager;
  parts.fields.created({ kind: posts, subresource: target.subresource ?? '', manager }, decoded);
  const call = { scope: scopeOf(context, options), key, body: decoded };
  runAction(parts, action, call, ({ value, error }) => {
    if (error !== undefined) return settle({ error });
    settle({ value: parts.answers.plain(context, value.status, value.body, value.revision) });
  });
}

/** Lets mutating plugins at the body, and then the action. */
export function runAction(
  parts: ServerParts,
  action: SubresourceAction,
  { scope, key, body }: Omit<ActionCall, 'attributes'>,
  settle: Settle<ActionDone>,
): void {
  const { kind, subresource, namespace, user, isDryRun, options } = scope;
  const attributes: AdmissionAttributes = {
    operation: 'CREATE',
    kind,
    subresource,
    body: bodyOfKind(action.posts),
    namespace,
    name: key.slice(key.indexOf('/') + 1),
    user,
    isDryRun,
    ...(options === undefined ? {} : { options }),
    object: body as Draft<KubeObject>,
    old: undefined,
  };
  parts.admission.admit(attributes, scope, settle, () =>
    attempt(settle, (once) => action.run(parts, { scope, key, body, attributes }, once)),
  );
}
