import { encodeJson } from '../../machinery/json/encode-json.js';
import { builtInMessages } from '../../machinery/protobuf/built-in-messages.js';
import { readEnvelope } from '../../machinery/protobuf/envelope.js';
import { DecodeError } from '../../machinery/schema/decode-error.js';
import { decode } from '../../machinery/schema/decode.js';
import type { StructSchema } from '../../machinery/schema/schema.js';
import { badRequest, unsupportedMediaType } from '../../machinery/status-error.js';
import { parseJson } from '../../machinery/json/parse-json.js';
import { isJsonObject, type ParsedObject } from '../../machinery/structure.js';
import { goQuote } from '../../machinery/go-text.js';
import type { TextCodec } from '../../machinery/text-codec.port.js';
import { BODY_MEDIA_TYPES, mediaTypeOf } from '../decode-body.js';
import { parseYaml } from '../../machinery/json/parse-yaml.js';
import type { Query } from '../query.js';
import type { ResourceRequest } from '../request-context.js';
import type { ServerParts } from '../server-parts.js';
import { structOf } from '../subresources/object-face.js';
import type { WireRequest, WireResponse } from '../wire.js';
import { validateDeleteOptions, type DeleteOptions } from './delete-options.js';
import { keyOfTarget, scopeOf } from './handler-support.js';
import type { Settle } from './settled.js';
import { checkTimeout } from './write-options.js';

const INTEGER = /^[-+]?\d+$/;
const INT64_MAX = 2n ** 63n - 1n;

/** DELETE of one object. */
export function handleDelete(parts: ServerParts, context: ResourceRequest, settle: Settle<WireResponse>): void {
  const { answers, deleter, text } = parts;
  const { request, query, target } = context;
  answers.checkAcceptable(context);
  checkTimeout(query);
  const options = deleteOptionsOf(request, query, text);
  tellOptions(context, options);
  validateDeleteOptions(options);
  const scope = scopeOf(context, { isDryRun: (options.dryRun?.length ?? 0) > 0, told: options });
  warnOfOrphans(context, options);
  deleter.delete(scope, keyOfTarget(target), options, ({ value, error }) => {
    if (error !== undefined) return settle({ error });
    const { status: answer, object, entry, revision, isGone } = value;
    if (answer !== undefined) return settle({ value: answers.status(context, answer, revision) });
    const status = !isGone && options.orphanDependents === false ? 202 : 200;
    settle({ value: answers.object(context, { status, kind: target.kind, object, bytes: entry?.bytes, revision }) });
  });
}

/** Jobs are deleted without their pods unless a policy says so, which surprises. */
function warnOfOrphans({ target: { kind }, warnings }: ResourceRequest, options: DeleteOptions): void {
  if (kind.group !== 'batch' || kind.defaultPropagation !== 'Orphan') return;
  if (options.propagationPolicy !== undefined || options.orphanDependents !== undefined) return;
  warnings.push(
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  );
}

/** Told in the version that upstream holds them in; those of the query are in the URI already. */
export function tellOptions({ request, audit }: ResourceRequest, options: DeleteOptions): void {
  if (request.body.length === 0) return;
  audit?.requestedWith(() => encodeJson({ kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/__internal', ...options }));
}

/** From the body, or, where there is none, from the query. @throws StatusError 400, 415 */
export function deleteOptionsOf(request: WireRequest, query: Query, text: TextCodec): DeleteOptions {
  return request.body.length > 0 ? optionsOfBody(request, text) : optionsOfQuery(query);
}

function optionsOfBody({ body, headers }: WireRequest, text: TextCodec): DeleteOptions {
  const mediaType = mediaTypeOf(headers['content-type']);
  if (mediaType === 'application/vnd.kubernetes.protobuf') return optionsOfProtobuf(body, text);
  if (mediaType !== 'application/json' && mediaType !== 'application/yaml')
    throw unsupportedMediaType(BODY_MEDIA_TYPES);
  const source = text.decode(body);
  const { value, fault } = mediaType === 'application/yaml' ? parseYaml(source) : parseJson(source);
  if (fault !== undefined) throw badRequest(`couldn't get version/kind; json parse error: ${fault}`);
  const given: ParsedObject = isJsonObject(value) ? value : {};
  const { kind, apiVersion } = given;
  if (typeof kind === 'string') checkKind(kind, typeof apiVersion === 'string' ? apiVersion : 'v1');
  return decodedOptions(() => given);
}

function optionsOfProtobuf(body: Uint8Array, text: TextCodec): DeleteOptions {
  return decodedOptions((schema) => {
    const { apiVersion, kind, raw } = readEnvelope(body, text);
    checkKind(kind, apiVersion === '' ? 'v1' : apiVersion);
    return builtInMessages.decode(schema, raw, text);
  });
}

function checkKind(kind: string, version: string): void {
  if (kind === '' || kind === 'DeleteOptions') return;
  throw badRequest(
    `no kind ${goQuote(kind)} is registered for version ${goQuote(version)} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

function decodedOptions(read: (schema: StructSchema) => ParsedObject): DeleteOptions {
  try {
    const schema = structOf('k8s.io/apimachinery/pkg/apis/meta/v1.DeleteOptions');
    const { kind: _kind, apiVersion: _version, ...options } = decode(schema, read(schema), { strict: false }).object;
    return options;
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message);
    throw error;
  }
}

function optionsOfQuery(query: Query): DeleteOptions {
  const grace = query.get('gracePeriodSeconds');
  const orphan = query.get('orphanDependents');
  const policy = query.get('propagationPolicy');
  return {
    ...(grace === undefined ? {} : { gracePeriodSeconds: integerOf(grace) }),
    ...(orphan === undefined ? {} : { orphanDependents: orphan !== 'false' && orphan !== '0' }),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(query.has('dryRun') ? { dryRun: query.all('dryRun') } : {}),
  };
}

/** @throws StatusError 400 in Go's words */
function integerOf(text: string): number {
  if (!INTEGER.test(text)) throw badRequest(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`);
  const value = BigInt(text.replace(/^\+/, ''));
  if (value > INT64_MAX || value < -INT64_MAX - 1n) {
    throw badRequest(`strconv.ParseInt: parsing ${goQuote(text)}: value out of range`);
  }
  return Number(value);
}
