import { parseJson } from '../../machinery/json/parse-json.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { badRequest, StatusError, unsupportedMediaType } from '../../machinery/status-error.js';
import type { Kind } from '../../machinery/kind.js';
import { jsonCopy, type JsonValue, type ParsedValue } from '../../machinery/structure.js';
import { goQuote } from '../../machinery/go-text.js';
import { checkReadable } from '../custom-resources/readable.js';
import { unknownJsonPatchFields } from '../../machinery/patch/json-patch.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import type { Face } from '../subresources/face.js';
import type { WireResponse } from '../wire.js';
import { APPLY_TYPE, handleApply } from './apply-handler.js';
import { applyPatch, type PatchType } from './apply-patch.js';
import { answerWritten, keyOfTarget, scopeOf, writerOf } from './handler-support.js';
import { setField } from '../strategy/update-rules.js';
import type { Settle } from './settled.js';
import { decodePatched } from './patched-body.js';
import { checkName } from './update-handler.js';
import { writeOptionsOf } from './write-options.js';

const PATCH_TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** What has no Go type knows no merge keys. */
const CUSTOM_TYPES = ['application/json-patch+json', 'application/merge-patch+json', APPLY_TYPE];

/** PATCH: changes one face of an object that exists. */
export function handlePatch(
  parts: ServerParts,
  context: ResourceRequest,
  face: Face,
  settle: Settle<WireResponse>,
): void {
  const { target, query, request, warnings, audit } = context;
  // Not in lower case: upstream's router takes these types as they are written.
  const contentType = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
  const type = Object.hasOwn(PATCH_TYPES, contentType) ? PATCH_TYPES[contentType] : undefined;
  if (contentType === APPLY_TYPE) return handleApply(parts, context, face, settle);
  if (target.kind.custom !== undefined && (type === undefined || type === 'strategic')) {
    throw unsupportedMediaType(CUSTOM_TYPES);
  }
  if (type === undefined) throw unsupportedPatch();
  parts.answers.checkAcceptable(context);
  const options = writeOptionsOf(query, 'PatchOptions');
  const writer = writerOf(context, face, options.fieldManager);
  const text = parts.text.decode(request.body);
  const patch = parsePatch(text, type);
  audit?.requestedWith(() => text);
  let warn = (text: string): void => void warnings.push(text);
  const patchFaults = options.fieldValidation === 'Ignore' ? [] : faultsOf(patch, type);
  const change = {
    key: keyOfTarget(target),
    rules: { ...face.rules, createsOnUpdate: false },
    face,
    make: (old: KubeObject | undefined): Draft<KubeObject> => {
      checkReadable(target.kind, old);
      const base = old === undefined ? {} : face.show(old);
      const patched = applyPatch(type, face.body.schema, base, patch.value);
      const made = { type, patch: patch.value, patched, base, patchFaults };
      const body = decodePatched(made, face.body, { fieldValidation: options.fieldValidation, warn });
      warn = () => undefined;
      checkName(body, target.name ?? '', target.namespace);
      if (face.isObject) applyDefaults(target.kind, body, base);
      return parts.fields.changed(writer, body, old);
    },
  };
  parts.writer.update(scopeOf(context, options), change, answerWritten(parts, context, face, settle));
}

/** A spec that is the stored one itself is defaulted as a copy, and is what it was. */
function applyDefaults(kind: Kind, body: Draft<KubeObject>, base: object): void {
  const { spec } = body as { readonly spec?: JsonValue };
  if (spec === undefined || spec !== (base as { readonly spec?: JsonValue }).spec) return kind.defaults?.(body);
  setField(body, 'spec', jsonCopy(spec));
  kind.defaults?.(body);
  setField(body, 'spec', spec);
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

/** What a strict decoder finds in the patch itself. */
function faultsOf({ value, duplicates }: ParsedPatch, type: PatchType): readonly string[] {
  const unknown = type === 'json' ? unknownJsonPatchFields(value) : [];
  const prefix = type === 'json' ? 'json patch ' : '';
  return [
    ...duplicates.map((path) => `${prefix}duplicate field ${goQuote(path)}`),
    ...unknown.map((path) => `${prefix}unknown field ${goQuote(path)}`),
  ];
}
