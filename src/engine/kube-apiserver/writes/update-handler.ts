import type { Draft, KubeObject } from '../../machinery/object.js';
import { badRequest } from '../../machinery/status-error.js';
import { decodeBody } from '../decode-body.js';
import { checkReadable } from '../custom-resources/readable.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { Face } from '../subresources/face.js';
import { dropDoubledOwners } from './owner-references.js';
import { answerWritten, keyOfTarget, scopeOf, writerOf } from './handler-support.js';
import type { Settle } from './settled.js';
import { writeOptionsOf } from './write-options.js';
import type { WireResponse } from '../wire.js';

/** PUT: replaces one face of an object, or makes the object where its kind allows that. */
export function handleUpdate(
  parts: ServerParts,
  context: ResourceRequest,
  face: Face,
  settle: Settle<WireResponse>,
): void {
  const { target, query, request, warnings, audit } = context;
  parts.answers.checkAcceptable(context);
  const options = writeOptionsOf(query, 'UpdateOptions');
  const decode = (warn: (text: string) => void): Draft<KubeObject> => {
    const body = { bytes: request.body, contentType: request.headers['content-type'] };
    const decoded = decodeBody(body, face.body, { text: parts.text, fieldValidation: options.fieldValidation, warn });
    dropDoubledOwners(decoded, false, warn);
    if (face.isObject) target.kind.defaults?.(decoded);
    return decoded;
  };
  let given: Draft<KubeObject> | undefined = decode((text) => void warnings.push(text));
  audit?.requested(given);
  checkName(given, target.name ?? '', target.namespace);
  const { uid } = given.metadata;
  const writer = writerOf(context, face, options.fieldManager);
  const change = {
    key: keyOfTarget(target),
    rules: face.rules,
    face,
    make: (old: KubeObject | undefined): Draft<KubeObject> => {
      checkReadable(target.kind, old);
      // Made anew on a further attempt: the first one was written to.
      const body = given ?? decode(() => undefined);
      given = undefined;
      return parts.fields.changed(writer, body, old);
    },
    ...(uid === undefined || uid === '' ? {} : { preconditions: { uid } }),
  };
  parts.writer.update(scopeOf(context, options), change, answerWritten(parts, context, face, settle));
}

/** The body's name and namespace against the path. @throws StatusError 400 */
export function checkName({ metadata }: Draft<KubeObject>, name: string, namespace: string | undefined): void {
  const given = metadata?.name ?? '';
  if (given === '') {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
  if (namespace !== undefined && (metadata.namespace ?? '') !== '' && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}
