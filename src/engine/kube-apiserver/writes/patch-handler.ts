import { invalid as invalidField } from '../../machinery/field-error.js';
import { parseJson } from '../../machinery/json/parse-json.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { DecodeError } from '../../machinery/schema/decode-error.js';
import { decode } from '../../machinery/schema/decode.js';
import { badRequest, invalid, unsupportedMediaType } from '../../machinery/status-error.js';
import { isJsonObject, type ParsedValue } from '../../machinery/structure.js';
import { goQuote } from '../../machinery/go-text.js';
import { mediaTypeOf, withType, type FieldValidation } from '../decode-body.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { Face } from '../subresources/face.js';
import type { WireResponse } from '../wire.js';
import { applyPatch, type PatchType } from './apply-patch.js';
import { answerWritten, keyOfTarget, scopeOf } from './handler-support.js';
import type { Settle } from './settled.js';
import { checkName } from './update-handler.js';
import { writeOptionsOf } from './write-options.js';

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};
/** What upstream lists when it refuses; server-side apply has a handler slot of its own. */
const ACCEPTED_TYPES = [...Object.keys(PATCH_TYPES), 'application/apply-patch+yaml', 'application/apply-patch+cbor'];

/** PATCH: changes one face of an object that exists. */
export function handlePatch(
  parts: ServerParts,
  context: ResourceRequest,
  face: Face,
  settle: Settle<WireResponse>,
): void {
  const { target, query, request, warnings } = context;
  const contentType = mediaTypeOf(request.headers['content-type']);
  const type = Object.hasOwn(PATCH_TYPES, contentType) ? PATCH_TYPES[contentType] : undefined;
  if (type === undefined) throw unsupportedMediaType(ACCEPTED_TYPES);
  parts.answers.checkAcceptable(context);
  const options = writeOptionsOf(query, 'PatchOptions');
  const patch = parsePatch(parts.text.decode(request.body));
  let warn = (text: string): void => void warnings.push(text);
  const change = {
    key: keyOfTarget(target),
    rules: { ...face.rules, createsOnUpdate: false },
    make: (old: KubeObject | undefined): Draft<KubeObject> => {
      const base = old === undefined ? {} : face.show(old);
      const patched = applyPatch(type, face.body.schema, base, patch);
      const body = decodePatched(patched, face, { fieldValidation: options.fieldValidation, warn });
      warn = () => undefined;
      checkName(body, target.name ?? '', target.namespace);
      if (face.isObject) target.kind.defaults?.(body);
      return face.apply(body, old);
    },
  };
  parts.writer.update(scopeOf(context, options.isDryRun), change, answerWritten(parts, context, face, settle));
}

/** @throws StatusError 400 */
function parsePatch(text: string): ParsedValue {
  const { value, fault } = parseJson(text);
  if (fault !== undefined) throw badRequest(`error decoding patch: ${fault}`);
  return value;
}

interface PatchedContext {
  readonly fieldValidation: FieldValidation;
  warn(text: string): void;
}

/** What came out of a patch, read as the face's type. @throws StatusError 422 with the whole document, as upstream does. */
function decodePatched(patched: ParsedValue, face: Face, { fieldValidation, warn }: PatchedContext): Draft<KubeObject> {
  const refuse = (fault: string): Error => {
    const error = invalidField('patch', JSON.stringify(patched), fault);
    return invalid({ group: '', kind: '' }, '', [error]);
  };
  if (!isJsonObject(patched)) throw refuse('json: cannot unmarshal the patched document into Go value');
  const strict = fieldValidation !== 'Ignore';
  try {
    const { object, unknown } = decode(face.body.schema, patched, { strict });
    const faults = unknown.map((path) => `unknown field ${goQuote(path)}`);
    if (faults.length > 0 && fieldValidation === 'Strict') throw refuse(`strict decoding error: ${faults.join(', ')}`);
    for (const fault of faults) warn(fault);
    return withType(object, face.body);
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
}
