import { DecodeError } from '../machinery/schema/decode-error.js';
import { decode, type Decoded } from '../machinery/schema/decode.js';
import type { CustomForm } from '../machinery/custom-form.js';
import type { StructSchema } from '../machinery/schema/schema.js';
import { schemaOfKind } from '../machinery/schema/built-in-schemas.js';
import { builtInMessages } from '../machinery/protobuf/built-in-messages.js';
import { readEnvelope } from '../machinery/protobuf/envelope.js';
import { parseJson, strictFaults } from '../machinery/json/parse-json.js';
import { parseYaml } from '../machinery/json/parse-yaml.js';
import { goJson, goQuote } from '../machinery/go-text.js';
import { apiVersionOf, type Draft, type GroupVersionKind, type KubeObject } from '../machinery/object.js';
import { NumberLiteral } from '../machinery/schema/number-literal.js';
import { badRequest, unsupportedMediaType } from '../machinery/status-error.js';
import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type ParsedObject,
  type ParsedValue,
} from '../machinery/structure.js';
import type { TextCodec } from '../machinery/text-codec.port.js';
import { checkCustomType, fieldsOfUnknownVersion, versionMismatch } from './custom-resources/custom-type.js';
import { sortedKeys } from './custom-resources/sorted-keys.js';
import { isServedElsewhere } from './former-versions.js';
import type { SpecMemory } from './spec-memory.js';
import { setField } from './strategy/update-rules.js';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** What a body should be. */
export interface ExpectedBody extends GroupVersionKind {
  readonly schema: StructSchema;
  /** Versions of the group that read the same and are taken, too. */
  readonly otherVersions?: readonly string[];
  /** Reads the body in the place of `schema`. */
  readonly custom?: CustomForm | undefined;
  /** Nobody changes the spec of what is read, or writes into it. */
  readonly keepsSpec?: true;
}

/** A value as the body that it should be. @throws DecodeError */
export const decodeAs = (expected: ExpectedBody, value: unknown, { strict }: { readonly strict: boolean }): Decoded =>
  expected.custom === undefined
    ? decode(expected.schema, value, { strict })
    : expected.custom.read(value as ParsedValue, strict);

export interface RequestBody {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}

export interface DecodeContext {
  readonly text: TextCodec;
  readonly fieldValidation: FieldValidation;
  /** Receives a text for each field that is unknown or doubled, where these only warn. */
  warn(text: string): void;
  /** Where bodies are expected to repeat. */
  readonly specs?: SpecMemory;
}

export const BODY_MEDIA_TYPES = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const SUMMARY_BYTES_MAX = 30;
const SCHEME = 'scheme "pkg/runtime/scheme.go:111"';
const TYPE_META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

/** A body as a client sent it: parsed, its kind known, not yet read by a schema. */
export interface ParsedBody {
  /** @throws DecodeError when protobuf, read as it is asked for, is malformed */
  readonly value: ParsedObject;
  /** Decoded already; then it is null in `value`. */
  readonly spec?: JsonObject;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly text: string;
  readonly duplicates: Parameters<typeof strictFaults>[1];
  readonly isYaml: boolean;
  /** The strict error about keys that YAML maps hold twice. */
  readonly yamlFault: string | undefined;
}

/** Reads a body as the expected kind, as private data in canonical form. @throws StatusError 400, 415 */
export function decodeBody(body: RequestBody, expected: ExpectedBody, context: DecodeContext): Draft<KubeObject> {
  const parsed = parseBody(body, expected, context);
  if (expected.custom !== undefined) return readCustomBody(body, parsed, expected, context);
  checkKind(parsed, expected);
  return readAs(parsed, expected, context);
}

/** @throws StatusError 400, 415 */
export function parseBody(body: RequestBody, expected: ExpectedBody, context: DecodeContext): ParsedBody {
  const unrecognized = (fault: string): Error =>
    badRequest(
      `the object provided is unrecognized (must be of type ${expected.kind}): ${fault} (${summaryOf(body.bytes, context.text)})`,
    );
  const mediaType = mediaTypeOf(body.contentType);
  if (mediaType === PROTOBUF && expected.custom !== undefined) throw unsupportedMediaType(BODY_MEDIA_TYPES);
  if (mediaType === PROTOBUF) return parseProtobuf(body.bytes, expected, context, unrecognized);
  if (mediaType !== 'application/json' && mediaType !== 'application/yaml')
    throw unsupportedMediaType(BODY_MEDIA_TYPES);
  const text = context.text.decode(body.bytes);
  const isYaml = mediaType === 'application/yaml';
  const recalled = isYaml || expected.custom !== undefined ? undefined : context.specs?.recall(expected.schema, text);
  if (recalled !== undefined) {
    const type = typeOf(recalled.value, expected);
    if (type !== undefined) return { ...type, ...recalled, text, duplicates: [], isYaml, yamlFault: undefined };
  }
  const findDuplicates = context.fieldValidation !== 'Ignore';
  const read = isYaml ? { ...parseYaml(text), duplicates: [] } : parseJson(text, { findDuplicates });
  const { value, duplicates = [], fault } = read;
  const yamlFault = 'strictFault' in read ? read.strictFault : undefined;
  if (fault !== undefined) {
    throw unrecognized(isYaml ? fault : `couldn't get version/kind; json parse error: ${fault}`);
  }
  const typeFault = typeMetaFault(value);
  if (typeFault !== undefined) throw unrecognized(`couldn't get version/kind; json parse error: ${typeFault}`);
  const object = isJsonObject(value) ? value : {};
  const { apiVersion = '', kind = '' } = object as {
    readonly apiVersion?: string | null;
    readonly kind?: string | null;
  };
  const parts = (apiVersion ?? '').split('/');
  if (parts.length > 2) throw unrecognized(`unexpected GroupVersion string: ${apiVersion ?? ''}`);
  return { value: object, ...resolved(parts, kind ?? '', expected), text, duplicates, isYaml, yamlFault };
}

/** Only the envelope is read: of what the message holds, its type must be the expected one. Protobuf knows no unknown fields. */
function parseProtobuf(
  bytes: Uint8Array,
  expected: ExpectedBody,
  { text }: DecodeContext,
  unrecognized: (fault: string) => Error,
): ParsedBody {
  const { apiVersion, kind, raw } = inWordsOf(unrecognized, () => readEnvelope(bytes, text));
  const parts = apiVersion.split('/');
  if (parts.length > 2) throw unrecognized(`unexpected GroupVersion string: ${apiVersion}`);
  return {
    get value() {
      return builtInMessages.decode(expected.schema, raw, text);
    },
    ...resolved(parts, kind, expected),
    text: '',
    duplicates: [],
    isYaml: false,
    yamlFault: undefined,
  };
}

/** The type that a body names in the plain way: `undefined` where there is something to say about it. */
function typeOf({ apiVersion, kind }: ParsedObject, expected: GroupVersionKind): GroupVersionKind | undefined {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const parts = apiVersion.split('/');
  return parts.length > 2 ? undefined : resolved(parts, kind, expected);
}

/** What a body leaves out of its type is what the path says. */
function resolved(parts: readonly string[], kind: string, expected: GroupVersionKind): GroupVersionKind {
  const named = kind === '' ? expected.kind : kind;
  const [first = '', second] = parts;
  if (second === undefined && first === '') return { group: expected.group, version: expected.version, kind: named };
  const group = second === undefined ? '' : first;
  const version = second ?? first;
  return { group, version: version === '' && group === expected.group ? expected.version : version, kind: named };
}

/** Go's words where `apiVersion` and `kind` cannot be read from the value. */
export function typeMetaFault(value: ParsedValue): string | undefined {
  if (value === null) return undefined;
  if (!isJsonObject(value)) return `json: cannot unmarshal ${goType(value)} into Go value of type ${TYPE_META}`;
  for (const name of ['apiVersion', 'kind']) {
    const given = value[name];
    if (given === undefined || given === null || typeof given === 'string') continue;
    return `json: cannot unmarshal ${goType(given)} into Go struct field .${name} of type string`;
  }
  return undefined;
}

/** What Go's JSON decoder calls a value. */
export function goType(value: ParsedValue): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof NumberLiteral) return 'number';
  return Array.isArray(value) ? 'array' : 'object';
}

/** @throws StatusError 400 when the body is of another kind or version than the path. */
function checkKind({ group, version, kind }: ParsedBody, expected: ExpectedBody): void {
  if (kind === expected.kind && group === expected.group && version === expected.version) return;
  if (kind === expected.kind && group === expected.group && expected.otherVersions?.includes(version) === true) return;
  const given = apiVersionOf({ group, version });
  if (kind === expected.kind && isServedElsewhere(group, version, kind)) {
    const wanted = apiVersionOf(expected);
    throw badRequest(`the API version in the data (${given}) does not match the expected API version (${wanted})`);
  }
  const refused = `${kind} in version ${goQuote(version)} cannot be handled as a ${expected.kind}`;
  if (schemaOfKind(group, version, kind) === undefined && !(kind === 'List' && given === 'v1')) {
    throw badRequest(`${refused}: no kind ${goQuote(kind)} is registered for version ${goQuote(given)} in ${SCHEME}`);
  }
  const target = `${internalGroup(expected.group)}.${expected.kind}`;
  throw badRequest(`${refused}: converting (${version}.${kind}) to (${target}): unknown conversion`);
}

/** Why a patched document is no longer of the expected type; `undefined` when it is. */
export function patchedTypeFault(patched: ParsedValue, expected: ExpectedBody): string | undefined {
  const fault = typeMetaFault(patched);
  if (fault !== undefined) return `couldn't get version/kind; json parse error: ${fault}`;
  const named = patched as { readonly apiVersion?: string | null; readonly kind?: string | null };
  const [apiVersion, kind] = [named.apiVersion ?? '', named.kind ?? ''];
  const wanted = apiVersionOf(expected);
  if (apiVersion === wanted && kind === expected.kind) return undefined;
  const parts = apiVersion.split('/');
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`;
  const given = resolved(parts, kind, expected);
  if (given.kind === expected.kind && given.group === expected.group && given.version === expected.version)
    return undefined;
  const version = apiVersionOf(given);
  const schema = schemaOfKind(given.group, given.version, given.kind);
  if (schema === undefined)
    return `no kind ${goQuote(given.kind)} is registered for version ${goQuote(version)} in ${SCHEME}`;
  // Upstream reads it as what it calls itself before it sees that this is another kind.
  try {
    decode(schema, patched, { strict: false });
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
  const target = `${internalGroup(expected.group)}.${expected.kind}`;
  return `converting (${given.version}.${given.kind}) to (${target}): unknown conversion`;
}

/** A document that lost its version is taken for one of the internal version, for that is what upstream decodes it into. */
export const isOfInternalVersion = ({ apiVersion }: ParsedObject, type: 'json' | 'merge' | 'strategic'): boolean =>
  type !== 'strategic' && (apiVersion === undefined || apiVersion === null || apiVersion === '');

/** The Go package of a group's internal types. */
const internalGroup = (group: string): string => (group === '' ? 'core' : (group.split('.')[0] ?? group));

function readAs(parsed: ParsedBody, expected: ExpectedBody, context: DecodeContext): Draft<KubeObject> {
  const refuse = (fault: string): Error =>
    badRequest(
      `${parsed.kind} in version ${goQuote(parsed.version)} cannot be handled as a ${expected.kind}: ${fault}`,
    );
  const strict = context.fieldValidation !== 'Ignore';
  const { object, unknown } = inWordsOf(refuse, () => decodeAs(expected, parsed.value, { strict }));
  if (strict) reportFaults(parsed, unknown, { context, refuse });
  if (parsed.spec !== undefined) setField(object, 'spec', parsed.spec);
  else if (isFaultless(parsed, unknown, strict)) context.specs?.note(expected.schema, parsed.text, object);
  return withManagersAsGiven(withType(object, expected), parsed.value);
}

/**
 * Mirrors the order of apiextensions' decoders: the kind must be named, the rest is read by whatever version the body claims
 * to be of, and only then that version must be the path's.
 */
function readCustomBody(
  body: RequestBody,
  parsed: ParsedBody,
  expected: ExpectedBody,
  context: DecodeContext,
): Draft<KubeObject> {
  const { value } = parsed;
  if (typeof value['kind'] !== 'string' || value['kind'] === '') {
    const document = parsed.isYaml ? goJson(sortedKeys(value)) : parsed.text;
    const summary = summaryOf(body.bytes, context.text);
    throw badRequest(
      `the object provided is unrecognized (must be of type ${expected.kind}): Object 'Kind' is missing in '${document}' (${summary})`,
    );
  }
  const mismatch = versionMismatch(value, expected);
  const refuse = (fault: string): Error =>
    badRequest(
      `${parsed.kind} in version ${goQuote(parsed.version)} cannot be handled as a ${expected.kind}: ${fault}`,
    );
  const strict = context.fieldValidation !== 'Ignore';
  // Metadata are of one type in all versions.
  const known = mismatch === undefined ? value : { metadata: value['metadata'] };
  const { object, unknown: unknownOfKnown } = inWordsOf(refuse, () => decodeAs(expected, known, { strict }));
  const unknown =
    mismatch === undefined ? unknownOfKnown : [...fieldsOfUnknownVersion(value, expected), ...unknownOfKnown];
  if (strict) reportFaults({ ...parsed, isCustom: true }, unknown, { context, refuse });
  if (mismatch !== undefined) throw mismatch;
  checkCustomType(value, expected);
  return withManagersAsGiven(withType(object, expected), value);
}

const isFaultless = (
  { duplicates, isYaml, text }: ParsedBody,
  unknown: readonly string[],
  wasStrict: boolean,
): boolean => wasStrict && unknown.length === 0 && duplicates.length === 0 && !isYaml && text !== '';

function reportFaults(
  { text, duplicates, isYaml, yamlFault, isCustom = false }: ParsedBody & { readonly isCustom?: boolean },
  unknown: readonly string[],
  { context, refuse }: { readonly context: DecodeContext; refuse(fault: string): Error },
): void {
  if (unknown.length === 0 && duplicates.length === 0 && yamlFault === undefined) return;
  // Upstream turns YAML into JSON with sorted keys before it looks.
  const faults = isCustom
    ? [...strictFaults(text, duplicates, []), ...unknown.map((path) => `unknown field ${goQuote(path)}`)]
    : strictFaults(text, duplicates, isYaml ? unknown.toSorted() : unknown);
  if (context.fieldValidation === 'Strict') {
    const all = yamlFault === undefined ? faults : [yamlFault, ...faults];
    throw refuse(`strict decoding error: ${all.join(', ')}`);
  }
  const [, ...doubled] = yamlFault?.split('\n') ?? [];
  for (const fault of [...doubled.map((line) => line.trim()), ...faults]) context.warn(fault);
}

function inWordsOf<Result>(refuse: (fault: string) => Error, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
}

/** An empty list of managers is no absent one: it says that they are to be forgotten. */
export function withManagersAsGiven(draft: Draft<KubeObject>, { metadata }: ParsedObject): Draft<KubeObject> {
  if (!isJsonObject(metadata)) return draft;
  const { managedFields } = metadata;
  if (isJsonArray(managedFields) && managedFields.length === 0) draft.metadata.managedFields = [];
  return draft;
}

/** With kind and version first, as upstream encodes them. */
export function withType(object: JsonObject, { group, version, kind }: GroupVersionKind): Draft<KubeObject> {
  const apiVersion = apiVersionOf({ group, version });
  // Decoding has put them first already, where the client named them.
  if (object['kind'] === kind && object['apiVersion'] === apiVersion) return object as unknown as Draft<KubeObject>;
  const { kind: _kind, apiVersion: _apiVersion, ...content } = object;
  return { kind, apiVersion, ...content } as unknown as Draft<KubeObject>;
}

/** The media type in lower case; JSON where none is named. */
export function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === 'application/json') return contentType;
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return type === '' ? 'application/json' : type;
}

function summaryOf(bytes: Uint8Array, text: TextCodec): string {
  if (bytes.length === 0) return '<empty>';
  const shown = bytes.subarray(0, SUMMARY_BYTES_MAX);
  const summary = bytes[0] === 0x7b ? text.decode(shown) : hexadecimal(shown);
  return bytes.length > SUMMARY_BYTES_MAX ? `${summary} ...` : summary;
}

const hexadecimal = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
