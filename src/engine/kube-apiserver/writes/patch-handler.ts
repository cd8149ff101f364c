import { invalid as invalidField } from '../../machinery/field-error.js';
import { parseJson } from '../../machinery/json/parse-json.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { DecodeError } from '../../machinery/schema/decode-error.js';
import { decode } from '../../machinery/schema/decode.js';
import { badRequest, invalid, StatusError } from '../../machinery/status-error.js';
import { isJsonObject, type ParsedValue } from '../../machinery/structure.js';
import { goQuote } from '../../machinery/go-text.js';
import { patchedTypeFault, withManagersAsGiven, withType, type FieldValidation } from '../decode-body.js';
import { unknownJsonPatchFields } from '../../machinery/patch/json-patch.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { Face } from '../subresources/face.js';
import type { WireResponse } from '../wire.js';
import { APPLY_TYPE, handleApply } from './apply-handler.js';
import { applyPatch, type PatchType } from './apply-patch.js';
import { answerWritten, keyOfTarget, scopeOf, writerOf } from './handler-support.js';
import type { Settle } from './settled.js';
import { patchedText } from './patched-text.js';
import { checkName } from './update-handler.js';
import { writeOptionsOf } from './write-options.js';

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** PATCH: changes one face of an object that exists. */
export function handlePatch(
  parts: ServerParts,
  context: ResourceRequest,
  face: Face,
  settle: Settle<WireResponse>,
): void {
  const { target, query, request, warnings } = context;
  // Not in lower case: upstream's router takes these types as they are written.
  const contentType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
  const type = Object.hasOwn(PATCH_TYPES, contentType) ? PATCH_TYPES[contentType] : undefined;
  if (contentType === APPLY_TYPE) return handleApply(parts, context, face, settle);
  if (type === undefined) throw unsupportedPatch();
  parts.answers.checkAcceptable(context);
  const options = writeOptionsOf(query, 'PatchOptions');
  const writer = writerOf(context, face, options.fieldManager);
  const patch = parsePatch(parts.text.decode(request.body), type);
  let warn = (text: string): void => void warnings.push(text);
  if (options.fieldValidation !== 'Ignore') checkPatch(patch, type, options.fieldValidation, warn);
  const change = {
    key: keyOfTarget(target),
    rules: { ...face.rules, createsOnUpdate: false },
    make: (old: KubeObject | undefined): Draft<KubeObject> => {
      const base = old === undefined ? {} : face.show(old);
      const patched = applyPatch(type, face.body.schema, base, patch.value);
      const body = decodePatched({ patched, base }, face, { fieldValidation: options.fieldValidation, warn });
      warn = () => undefined;
      checkName(body, target.name ?? '', target.namespace);
      if (face.isObject) target.kind.defaults?.(body);
      return parts.fields.changed(writer, body, old);
    },
  };
  parts.writer.update(scopeOf(context, options.isDryRun), change, answerWritten(parts, context, face, settle));
}

/** What a type that no patch has is told by upstream's router. */
const unsupportedPatch = (): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: '415: Unsupported Media Type',
    reason: 'UnsupportedMediaType',
    details: {},
    code: 415,
  });

interface ParsedPatch {
  readonly value: ParsedValue;
  readonly duplicates: readonly string[];
}

/** @throws StatusError 400 */
function parsePatch(text: string, type: PatchType): ParsedPatch {
  const { value, duplicates, fault } = parseJson(text, { findDuplicates: true });
  if (fault !== undefined) throw badRequest(type === 'strategic' ? fault : `error decoding patch: ${fault}`);
  return { value, duplicates: duplicates.map(({ path }) => path) };
}

/** Faults of the patch itself. @throws StatusError 400 where they are not to be suffered */
function checkPatch(
  { value, duplicates }: ParsedPatch,
  type: PatchType,
  validation: FieldValidation,
  warn: (text: string) => void,
): void {
  const unknown = type === 'json' ? unknownJsonPatchFields(value) : [];
  const prefix = type === 'json' ? 'json patch ' : '';
  const faults = [
    ...duplicates.map((path) => `${prefix}duplicate field ${goQuote(path)}`),
    ...unknown.map((path) => `${prefix}unknown field ${goQuote(path)}`),
  ];
  if (faults.length === 0) return;
  if (validation === 'Strict') throw badRequest(`strict decoding error: ${faults.join(', ')}`);
  for (const fault of faults) warn(fault);
}

interface PatchedContext {
  readonly fieldValidation: FieldValidation;
  warn(text: string): void;
}

/** What came out of a patch, read as the face's type. @throws StatusError 422 with the whole document, as upstream does. */
function decodePatched(
  { patched, base }: { readonly patched: ParsedValue; readonly base: object },
  face: Face,
  { fieldValidation, warn }: PatchedContext,
): Draft<KubeObject> {
  const refuse = (fault: string): Error => {
    const error = invalidField('patch', patchedText(patched, base), fault);
    return invalid({ group: '', kind: '' }, '', [error]);
  };
  const typeFault = patchedTypeFault(patched, face.body);
  if (typeFault !== undefined || !isJsonObject(patched)) throw refuse(typeFault ?? '');
  const strict = fieldValidation !== 'Ignore';
  try {
    const { object, unknown } = decode(face.body.schema, patched, { strict });
    // Go's patched documents have their keys sorted.
    const faults = unknown.toSorted().map((path) => `unknown field ${goQuote(path)}`);
    if (faults.length > 0 && fieldValidation === 'Strict') throw refuse(`strict decoding error: ${faults.join(', ')}`);
    for (const fault of faults) warn(fault);
    return withManagersAsGiven(withType(object, face.body), patched);
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
}
