import { invalid as invalidField } from '../../machinery/field-error.js';
import { goFormat, goJson, goQuote } from '../../machinery/go-text.js';
import type { Draft, KubeObject } from '../../machinery/object.js';
import { DecodeError } from '../../machinery/schema/decode-error.js';
import { unstructuredFault } from '../../machinery/schema/unstructured-fault.js';
import { invalid } from '../../machinery/status-error.js';
import type { Decoded } from '../../machinery/schema/decode.js';
import { isJsonObject, type JsonValue, type ParsedObject, type ParsedValue } from '../../machinery/structure.js';
import { checkCustomType, fieldsOfUnknownVersion } from '../custom-resources/custom-type.js';
import { sortedKeys } from '../custom-resources/sorted-keys.js';
import {
  decodeAs,
  isOfInternalVersion,
  patchedTypeFault,
  withManagersAsGiven,
  withType,
  type ExpectedBody,
  type FieldValidation,
} from '../decode-body.js';
import { setField } from '../strategy/update-rules.js';
import type { PatchType } from './apply-patch.js';
import { patchedText } from './patched-text.js';

export interface PatchedBody {
  readonly type: PatchType;
  /** The patch itself, which the refusals of a strategic merge show. */
  readonly patch: ParsedValue;
  readonly patched: ParsedValue;
  readonly base: object;
  /** What a strict decoder finds in the patch, such as `duplicate field "data.a"`. */
  readonly patchFaults: readonly string[];
}

export interface PatchedContext {
  readonly fieldValidation: FieldValidation;
  warn(text: string): void;
}

/**
 * What came out of a patch, read as the face's type. Upstream reads the outcome of a strategic merge as a map, whatever
 * kind it names, and that of the other patches as a document.
 * @throws StatusError 422 with the whole document, or the patch, as upstream does
 */
export function decodePatched(body: PatchedBody, expected: ExpectedBody, context: PatchedContext): Draft<KubeObject> {
  const { type, patch, patched, base } = body;
  const refuse = (fault: string): Error => {
    const text =
      expected.custom === undefined ? patchedText(patched, base, expected.schema) : goJson(sortedKeys(patched));
    const shown = type === 'strategic' ? goFormat(patch) : text;
    return invalid({ group: '', kind: '' }, '', [invalidField('patch', shown, fault)]);
  };
  if (expected.custom !== undefined) {
    const unknown = fieldsOfUnknownVersion(patched, expected);
    if (context.fieldValidation !== 'Ignore') reportFaults(body, unknown, { context, refuse });
    checkCustomType(patched, expected);
  }
  const typeFault = type === 'strategic' ? undefined : patchedTypeFault(patched, expected);
  if (typeFault !== undefined || !isJsonObject(patched)) throw refuse(typeFault ?? '');
  const strict = context.fieldValidation !== 'Ignore';
  const schema = expected.schema;
  try {
    const { object, unknown } = isOfInternalVersion(patched, type)
      ? { object: {}, unknown: fieldsOf(patched) }
      : decodeAround(expected, patched, base, strict);
    // Go's patched documents have their keys sorted.
    const found = expected.custom === undefined ? unknown.toSorted() : unknown;
    if (strict) reportFaults(body, found, { context, refuse });
    return withManagersAsGiven(withType(object, expected), patched);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw refuse((type === 'strategic' ? unstructuredFault(schema, patched) : undefined) ?? error.message);
  }
}

/**
 * A status is patched by itself: the spec is what it was, and what is stored is read already. The stored one is taken as it is,
 * for rules that keep it.
 */
function decodeAround(expected: ExpectedBody, patched: ParsedObject, base: object, strict: boolean): Decoded {
  const { spec } = base as { readonly spec?: JsonValue };
  const isKept = expected.keepsSpec === true && isJsonObject(spec) && patched['spec'] === spec;
  if (!isKept || expected.schema.fields.get('spec')?.whenAbsent !== 'zero') {
    return decodeAs(expected, patched, { strict });
  }
  const decoded = decodeAs(expected, { ...patched, spec: null }, { strict });
  setField(decoded.object, 'spec', spec);
  return decoded;
}

/** Go's types of the internal version have no JSON names: all but the type is unknown to them. */
const fieldsOf = (patched: object): readonly string[] =>
  Object.keys(patched).filter((key) => key !== 'apiVersion' && key !== 'kind');

function reportFaults(
  { patchFaults }: PatchedBody,
  unknown: readonly string[],
  { context, refuse }: { readonly context: PatchedContext; refuse(fault: string): Error },
): void {
  const faults = [...patchFaults, ...unknown.map((path) => `unknown field ${goQuote(path)}`)];
  if (faults.length === 0) return;
  if (context.fieldValidation === 'Strict') throw refuse(`strict decoding error: ${faults.join(', ')}`);
  for (const fault of faults) context.warn(fault);
}
